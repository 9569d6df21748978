// The system's zlib. Swift cannot call the initialisers, which are macros, so they stand here as functions.
#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
