#include "CTapedeckFiles.h"

// The list is kept by hand; a test holds it against the folders.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_tape.sql"
};

#define TAPEDECK_FILE(path, bytes) {path, bytes, sizeof bytes}

static const struct tapedeck_file all[] = {
    TAPEDECK_FILE("migrations/0001_tape.sql", migration_0001),
};

const struct tapedeck_file *tapedeck_files(void) { return all; }
size_t tapedeck_files_count(void) { return sizeof all / sizeof *all; }
