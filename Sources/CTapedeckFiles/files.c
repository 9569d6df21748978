#include "CTapedeckFiles.h"

static const struct tapedeck_file all[] = {{"", (const unsigned char *)"", 0}};

const struct tapedeck_file *tapedeck_files(void) { return all; }
size_t tapedeck_files_count(void) { return 0; }
