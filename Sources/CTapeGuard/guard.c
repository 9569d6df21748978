#define _GNU_SOURCE
#include "CTapeGuard.h"
#include <sqlite3.h>
#include <string.h>

int tape_guard_configure(struct sqlite3 *database) {
    static const int settings[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},       {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    };
    for (size_t index = 0; index < sizeof settings / sizeof *settings; index++) {
        int code = sqlite3_db_config(database, settings[index][0], settings[index][1], (int *)0);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

// Characters of UTF-8 before a position: all bytes but those that continue one.
static sqlite3_int64 characters(const unsigned char *text, size_t count) {
    sqlite3_int64 found = 0;
    for (size_t index = 0; index < count; index++) found += (text[index] & 0xc0) != 0x80;
    return found;
}

// memmem of glibc and macOS is linear.
static void instr(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    int first = sqlite3_value_type(values[0]), second = sqlite3_value_type(values[1]);
    if (first == SQLITE_NULL || second == SQLITE_NULL) return;
    int blobs = first == SQLITE_BLOB && second == SQLITE_BLOB;
    const unsigned char *hay = blobs ? sqlite3_value_blob(values[0]) : sqlite3_value_text(values[0]);
    const unsigned char *needle = blobs ? sqlite3_value_blob(values[1]) : sqlite3_value_text(values[1]);
    size_t hayBytes = (size_t)sqlite3_value_bytes(values[0]), needleBytes = (size_t)sqlite3_value_bytes(values[1]);
    if (needleBytes == 0) return sqlite3_result_int(context, 1);
    if (hay == 0 || needle == 0) return sqlite3_result_int(context, 0);
    const unsigned char *found = memmem(hay, hayBytes, needle, needleBytes);
    if (found == 0) return sqlite3_result_int(context, 0);
    sqlite3_result_int64(context, (blobs ? (sqlite3_int64)(found - hay) : characters(hay, (size_t)(found - hay))) + 1);
}

static void replace(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    for (int index = 0; index < 3; index++)
        if (sqlite3_value_type(values[index]) == SQLITE_NULL) return;
    const char *text = (const char *)sqlite3_value_text(values[0]);
    const char *pattern = (const char *)sqlite3_value_text(values[1]);
    const char *other = (const char *)sqlite3_value_text(values[2]);
    size_t textBytes = (size_t)sqlite3_value_bytes(values[0]), patternBytes = (size_t)sqlite3_value_bytes(values[1]);
    size_t otherBytes = (size_t)sqlite3_value_bytes(values[2]);
    if (text == 0 || pattern == 0 || other == 0) return sqlite3_result_error_nomem(context);
    if (patternBytes == 0) return sqlite3_result_value(context, values[0]);
    size_t limit = (size_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    // The length first, so that one allocation is enough and a bomb is seen before it has grown.
    size_t matches = 0;
    for (const char *at = text, *end = text + textBytes; (at = memmem(at, (size_t)(end - at), pattern, patternBytes)); at += patternBytes)
        matches++;
    size_t kept = textBytes - matches * patternBytes;
    if (otherBytes > 0 && matches > (limit - (kept < limit ? kept : limit)) / otherBytes) return sqlite3_result_error_toobig(context);
    size_t size = kept + matches * otherBytes;
    char *result = sqlite3_malloc64(size + 1);
    if (result == 0) return sqlite3_result_error_nomem(context);
    char *write = result;
    const char *at = text, *end = text + textBytes;
    for (const char *found; (found = memmem(at, (size_t)(end - at), pattern, patternBytes)); at = found + patternBytes) {
        memcpy(write, at, (size_t)(found - at));
        write += found - at;
        memcpy(write, other, otherBytes);
        write += otherBytes;
    }
    memcpy(write, at, (size_t)(end - at));
    sqlite3_result_text64(context, result, size, sqlite3_free, SQLITE_UTF8);
}

enum { both = 3, left = 1, right = 2, longestSet = 64 };

// Bytes of the character that begins here.
static size_t width(const unsigned char *text, size_t left) {
    size_t size = 1;
    while (size < left && (text[size] & 0xc0) == 0x80) size++;
    return size;
}

static void trim(sqlite3_context *context, int count, sqlite3_value **values) {
    int sides = (int)(size_t)sqlite3_user_data(context);
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || (count == 2 && sqlite3_value_type(values[1]) == SQLITE_NULL)) return;
    const unsigned char *text = sqlite3_value_text(values[0]);
    size_t bytes = (size_t)sqlite3_value_bytes(values[0]);
    const unsigned char *set = count == 2 ? sqlite3_value_text(values[1]) : (const unsigned char *)" ";
    size_t setBytes = count == 2 ? (size_t)sqlite3_value_bytes(values[1]) : 1;
    if (text == 0 || set == 0) return sqlite3_result_error_nomem(context);
    if (setBytes > longestSet * 4) return sqlite3_result_error(context, "trim takes at most 64 characters to trim", -1);
    for (int isFound = 1; (sides & left) && isFound && bytes > 0;) {
        isFound = 0;
        for (size_t at = 0; at < setBytes && !isFound;) {
            size_t size = width(set + at, setBytes - at);
            if (size <= bytes && memcmp(text, set + at, size) == 0) {
                text += size;
                bytes -= size;
                isFound = 1;
            }
            at += size;
        }
    }
    for (int isFound = 1; (sides & right) && isFound && bytes > 0;) {
        isFound = 0;
        for (size_t at = 0; at < setBytes && !isFound;) {
            size_t size = width(set + at, setBytes - at);
            if (size <= bytes && memcmp(text + bytes - size, set + at, size) == 0) {
                bytes -= size;
                isFound = 1;
            }
            at += size;
        }
    }
    sqlite3_result_text64(context, (const char *)text, bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int tape_guard_functions(struct sqlite3 *database) {
    static const struct {
        const char *name;
        int arguments;
        size_t sides;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } all[] = {
        {"instr", 2, 0, instr},   {"replace", 3, 0, replace},  {"trim", 1, both, trim},   {"trim", 2, both, trim},
        {"ltrim", 1, left, trim}, {"ltrim", 2, left, trim},    {"rtrim", 1, right, trim}, {"rtrim", 2, right, trim},
    };
    for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
        int code = sqlite3_create_function_v2(
            database, all[index].name, all[index].arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
            (void *)all[index].sides, all[index].function, 0, 0, 0);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}
