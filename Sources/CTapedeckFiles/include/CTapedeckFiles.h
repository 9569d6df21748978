#ifndef CTAPEDECKFILES_H
#define CTAPEDECKFILES_H

#include <stddef.h>

/// A file of `web/` or `migrations/`, compiled into the executable.
struct tapedeck_file {
    const char *path;            ///< as seen from the package's root, e.g. "migrations/0001_tape.sql"
    const unsigned char *bytes;  ///< not zero-terminated
    size_t count;
};

/// All embedded files; `tapedeck_files_count()` of them.
const struct tapedeck_file *tapedeck_files(void);
size_t tapedeck_files_count(void);

#endif
