#ifndef CTAPEGUARD_H
#define CTAPEGUARD_H

struct sqlite3;

/// Makes a connection defensive: nothing may change the schema behind SQLite's back, load code or read the shadow tables.
/// (sqlite3_db_config takes a variable list of arguments, which Swift cannot call.) Returns SQLITE_OK or an error code.
int tape_guard_configure(struct sqlite3 *database);

/// Replaces instr, replace, trim, ltrim and rtrim by functions of the same meaning whose time is linear in their input:
/// SQLite looks at its deadline between steps of a statement, never inside one call of a function.
int tape_guard_functions(struct sqlite3 *database);

#endif
