#include "CTapedeckFiles.h"

// The list is kept by hand; a test holds it against the folders.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_tape.sql"
};
static const unsigned char migration_0002[] = {
#embed "../../migrations/0002_causes.sql"
};
static const unsigned char migration_0003[] = {
#embed "../../migrations/0003_totals.sql"
};

static const unsigned char client_js[] = {
#embed "../../web/client/dist/socket.io.js"
};
static const unsigned char client_js_br[] = {
#embed "../../web/client/dist/socket.io.js.br"
};
static const unsigned char client_js_map[] = {
#embed "../../web/client/dist/socket.io.js.map"
};
static const unsigned char client_js_map_br[] = {
#embed "../../web/client/dist/socket.io.js.map.br"
};
static const unsigned char client_min_js[] = {
#embed "../../web/client/dist/socket.io.min.js"
};
static const unsigned char client_min_js_br[] = {
#embed "../../web/client/dist/socket.io.min.js.br"
};
static const unsigned char client_min_js_map[] = {
#embed "../../web/client/dist/socket.io.min.js.map"
};
static const unsigned char client_min_js_map_br[] = {
#embed "../../web/client/dist/socket.io.min.js.map.br"
};
static const unsigned char client_esm_min_js[] = {
#embed "../../web/client/dist/socket.io.esm.min.js"
};
static const unsigned char client_esm_min_js_br[] = {
#embed "../../web/client/dist/socket.io.esm.min.js.br"
};
static const unsigned char client_esm_min_js_map[] = {
#embed "../../web/client/dist/socket.io.esm.min.js.map"
};
static const unsigned char client_esm_min_js_map_br[] = {
#embed "../../web/client/dist/socket.io.esm.min.js.map.br"
};
static const unsigned char client_msgpack_min_js[] = {
#embed "../../web/client/dist/socket.io.msgpack.min.js"
};
static const unsigned char client_msgpack_min_js_br[] = {
#embed "../../web/client/dist/socket.io.msgpack.min.js.br"
};
static const unsigned char client_msgpack_min_js_map[] = {
#embed "../../web/client/dist/socket.io.msgpack.min.js.map"
};
static const unsigned char client_msgpack_min_js_map_br[] = {
#embed "../../web/client/dist/socket.io.msgpack.min.js.map.br"
};

static const unsigned char playground_html[] = {
#embed "../../web/playground/index.html"
};
static const unsigned char playground_js[] = {
#embed "../../web/playground/app.js"
};
static const unsigned char playground_css[] = {
#embed "../../web/playground/style.css"
};

static const unsigned char inspector_html[] = {
#embed "../../web/inspector/index.html"
};

static const unsigned char inspector_js[] = {
#embed "../../web/inspector/app.js"
};

static const unsigned char inspector_css[] = {
#embed "../../web/inspector/style.css"
};

#define TAPEDECK_FILE(path, bytes) {path, bytes, sizeof bytes}

static const struct tapedeck_file all[] = {
    TAPEDECK_FILE("migrations/0001_tape.sql", migration_0001),
    TAPEDECK_FILE("migrations/0002_causes.sql", migration_0002),
    TAPEDECK_FILE("migrations/0003_totals.sql", migration_0003),
    TAPEDECK_FILE("web/client/dist/socket.io.js", client_js),
    TAPEDECK_FILE("web/client/dist/socket.io.js.br", client_js_br),
    TAPEDECK_FILE("web/client/dist/socket.io.js.map", client_js_map),
    TAPEDECK_FILE("web/client/dist/socket.io.js.map.br", client_js_map_br),
    TAPEDECK_FILE("web/client/dist/socket.io.min.js", client_min_js),
    TAPEDECK_FILE("web/client/dist/socket.io.min.js.br", client_min_js_br),
    TAPEDECK_FILE("web/client/dist/socket.io.min.js.map", client_min_js_map),
    TAPEDECK_FILE("web/client/dist/socket.io.min.js.map.br", client_min_js_map_br),
    TAPEDECK_FILE("web/client/dist/socket.io.esm.min.js", client_esm_min_js),
    TAPEDECK_FILE("web/client/dist/socket.io.esm.min.js.br", client_esm_min_js_br),
    TAPEDECK_FILE("web/client/dist/socket.io.esm.min.js.map", client_esm_min_js_map),
    TAPEDECK_FILE("web/client/dist/socket.io.esm.min.js.map.br", client_esm_min_js_map_br),
    TAPEDECK_FILE("web/client/dist/socket.io.msgpack.min.js", client_msgpack_min_js),
    TAPEDECK_FILE("web/client/dist/socket.io.msgpack.min.js.br", client_msgpack_min_js_br),
    TAPEDECK_FILE("web/client/dist/socket.io.msgpack.min.js.map", client_msgpack_min_js_map),
    TAPEDECK_FILE("web/client/dist/socket.io.msgpack.min.js.map.br", client_msgpack_min_js_map_br),
    TAPEDECK_FILE("web/playground/index.html", playground_html),
    TAPEDECK_FILE("web/playground/app.js", playground_js),
    TAPEDECK_FILE("web/playground/style.css", playground_css),
    TAPEDECK_FILE("web/inspector/index.html", inspector_html),
    TAPEDECK_FILE("web/inspector/app.js", inspector_js),
    TAPEDECK_FILE("web/inspector/style.css", inspector_css),
};

const struct tapedeck_file *tapedeck_files(void) { return all; }
size_t tapedeck_files_count(void) { return sizeof all / sizeof *all; }
