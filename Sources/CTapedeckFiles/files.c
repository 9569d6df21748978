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
static const unsigned char migration_0004[] = {
#embed "../../migrations/0004_counts.sql"
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

static const unsigned char inspector_app_js[] = {
#embed "../../web/inspector/app.js"
};
static const unsigned char inspector_index_html[] = {
#embed "../../web/inspector/index.html"
};
static const unsigned char inspector_core_api_js[] = {
#embed "../../web/inspector/core/api.js"
};
static const unsigned char inspector_core_dom_js[] = {
#embed "../../web/inspector/core/dom.js"
};
static const unsigned char inspector_core_feed_js[] = {
#embed "../../web/inspector/core/feed.js"
};
static const unsigned char inspector_core_filter_js[] = {
#embed "../../web/inspector/core/filter.js"
};
static const unsigned char inspector_core_format_js[] = {
#embed "../../web/inspector/core/format.js"
};
static const unsigned char inspector_core_json_js[] = {
#embed "../../web/inspector/core/json.js"
};
static const unsigned char inspector_core_keys_js[] = {
#embed "../../web/inspector/core/keys.js"
};
static const unsigned char inspector_core_live_js[] = {
#embed "../../web/inspector/core/live.js"
};
static const unsigned char inspector_core_packets_js[] = {
#embed "../../web/inspector/core/packets.js"
};
static const unsigned char inspector_core_people_js[] = {
#embed "../../web/inspector/core/people.js"
};
static const unsigned char inspector_core_questions_js[] = {
#embed "../../web/inspector/core/questions.js"
};
static const unsigned char inspector_core_router_js[] = {
#embed "../../web/inspector/core/router.js"
};
static const unsigned char inspector_core_sessions_js[] = {
#embed "../../web/inspector/core/sessions.js"
};
static const unsigned char inspector_core_theme_js[] = {
#embed "../../web/inspector/core/theme.js"
};
static const unsigned char inspector_core_types_js[] = {
#embed "../../web/inspector/core/types.js"
};
static const unsigned char inspector_parts_alignment_js[] = {
#embed "../../web/inspector/parts/alignment.js"
};
static const unsigned char inspector_parts_beside_js[] = {
#embed "../../web/inspector/parts/beside.js"
};
static const unsigned char inspector_parts_charts_js[] = {
#embed "../../web/inspector/parts/charts.js"
};
static const unsigned char inspector_parts_empty_js[] = {
#embed "../../web/inspector/parts/empty.js"
};
static const unsigned char inspector_parts_filter_line_js[] = {
#embed "../../web/inspector/parts/filter-line.js"
};
static const unsigned char inspector_parts_hex_view_js[] = {
#embed "../../web/inspector/parts/hex-view.js"
};
static const unsigned char inspector_parts_json_view_js[] = {
#embed "../../web/inspector/parts/json-view.js"
};
static const unsigned char inspector_parts_outage_js[] = {
#embed "../../web/inspector/parts/outage.js"
};
static const unsigned char inspector_parts_packet_detail_js[] = {
#embed "../../web/inspector/parts/packet-detail.js"
};
static const unsigned char inspector_parts_paged_list_js[] = {
#embed "../../web/inspector/parts/paged-list.js"
};
static const unsigned char inspector_parts_recording_js[] = {
#embed "../../web/inspector/parts/recording.js"
};
static const unsigned char inspector_parts_report_view_js[] = {
#embed "../../web/inspector/parts/report-view.js"
};
static const unsigned char inspector_parts_room_bars_js[] = {
#embed "../../web/inspector/parts/room-bars.js"
};
static const unsigned char inspector_parts_snippets_js[] = {
#embed "../../web/inspector/parts/snippets.js"
};
static const unsigned char inspector_parts_sql_editor_js[] = {
#embed "../../web/inspector/parts/sql-editor.js"
};
static const unsigned char inspector_parts_story_js[] = {
#embed "../../web/inspector/parts/story.js"
};
static const unsigned char inspector_parts_time_strip_js[] = {
#embed "../../web/inspector/parts/time-strip.js"
};
static const unsigned char inspector_parts_timeline_canvas_js[] = {
#embed "../../web/inspector/parts/timeline-canvas.js"
};
static const unsigned char inspector_parts_timeline_model_js[] = {
#embed "../../web/inspector/parts/timeline-model.js"
};
static const unsigned char inspector_parts_toast_js[] = {
#embed "../../web/inspector/parts/toast.js"
};
static const unsigned char inspector_parts_virtual_list_js[] = {
#embed "../../web/inspector/parts/virtual-list.js"
};
static const unsigned char inspector_styles_base_css[] = {
#embed "../../web/inspector/styles/base.css"
};
static const unsigned char inspector_styles_detail_css[] = {
#embed "../../web/inspector/styles/detail.css"
};
static const unsigned char inspector_styles_pages_css[] = {
#embed "../../web/inspector/styles/pages.css"
};
static const unsigned char inspector_styles_shell_css[] = {
#embed "../../web/inspector/styles/shell.css"
};
static const unsigned char inspector_styles_tables_css[] = {
#embed "../../web/inspector/styles/tables.css"
};
static const unsigned char inspector_styles_timeline_css[] = {
#embed "../../web/inspector/styles/timeline.css"
};
static const unsigned char inspector_styles_work_css[] = {
#embed "../../web/inspector/styles/work.css"
};
static const unsigned char inspector_views_acks_js[] = {
#embed "../../web/inspector/views/acks.js"
};
static const unsigned char inspector_views_events_js[] = {
#embed "../../web/inspector/views/events.js"
};
static const unsigned char inspector_views_packets_js[] = {
#embed "../../web/inspector/views/packets.js"
};
static const unsigned char inspector_views_replay_js[] = {
#embed "../../web/inspector/views/replay.js"
};
static const unsigned char inspector_views_rooms_js[] = {
#embed "../../web/inspector/views/rooms.js"
};
static const unsigned char inspector_views_session_js[] = {
#embed "../../web/inspector/views/session.js"
};
static const unsigned char inspector_views_sessions_js[] = {
#embed "../../web/inspector/views/sessions.js"
};
static const unsigned char inspector_views_sql_js[] = {
#embed "../../web/inspector/views/sql.js"
};
static const unsigned char inspector_views_timeline_js[] = {
#embed "../../web/inspector/views/timeline.js"
};

#define TAPEDECK_FILE(path, bytes) {path, bytes, sizeof bytes}

static const struct tapedeck_file all[] = {
    TAPEDECK_FILE("migrations/0001_tape.sql", migration_0001),
    TAPEDECK_FILE("migrations/0002_causes.sql", migration_0002),
    TAPEDECK_FILE("migrations/0003_totals.sql", migration_0003),
    TAPEDECK_FILE("migrations/0004_counts.sql", migration_0004),
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
    TAPEDECK_FILE("web/inspector/app.js", inspector_app_js),
    TAPEDECK_FILE("web/inspector/index.html", inspector_index_html),
    TAPEDECK_FILE("web/inspector/core/api.js", inspector_core_api_js),
    TAPEDECK_FILE("web/inspector/core/dom.js", inspector_core_dom_js),
    TAPEDECK_FILE("web/inspector/core/feed.js", inspector_core_feed_js),
    TAPEDECK_FILE("web/inspector/core/filter.js", inspector_core_filter_js),
    TAPEDECK_FILE("web/inspector/core/format.js", inspector_core_format_js),
    TAPEDECK_FILE("web/inspector/core/json.js", inspector_core_json_js),
    TAPEDECK_FILE("web/inspector/core/keys.js", inspector_core_keys_js),
    TAPEDECK_FILE("web/inspector/core/live.js", inspector_core_live_js),
    TAPEDECK_FILE("web/inspector/core/packets.js", inspector_core_packets_js),
    TAPEDECK_FILE("web/inspector/core/people.js", inspector_core_people_js),
    TAPEDECK_FILE("web/inspector/core/questions.js", inspector_core_questions_js),
    TAPEDECK_FILE("web/inspector/core/router.js", inspector_core_router_js),
    TAPEDECK_FILE("web/inspector/core/sessions.js", inspector_core_sessions_js),
    TAPEDECK_FILE("web/inspector/core/theme.js", inspector_core_theme_js),
    TAPEDECK_FILE("web/inspector/core/types.js", inspector_core_types_js),
    TAPEDECK_FILE("web/inspector/parts/alignment.js", inspector_parts_alignment_js),
    TAPEDECK_FILE("web/inspector/parts/beside.js", inspector_parts_beside_js),
    TAPEDECK_FILE("web/inspector/parts/charts.js", inspector_parts_charts_js),
    TAPEDECK_FILE("web/inspector/parts/empty.js", inspector_parts_empty_js),
    TAPEDECK_FILE("web/inspector/parts/filter-line.js", inspector_parts_filter_line_js),
    TAPEDECK_FILE("web/inspector/parts/hex-view.js", inspector_parts_hex_view_js),
    TAPEDECK_FILE("web/inspector/parts/json-view.js", inspector_parts_json_view_js),
    TAPEDECK_FILE("web/inspector/parts/outage.js", inspector_parts_outage_js),
    TAPEDECK_FILE("web/inspector/parts/packet-detail.js", inspector_parts_packet_detail_js),
    TAPEDECK_FILE("web/inspector/parts/paged-list.js", inspector_parts_paged_list_js),
    TAPEDECK_FILE("web/inspector/parts/recording.js", inspector_parts_recording_js),
    TAPEDECK_FILE("web/inspector/parts/report-view.js", inspector_parts_report_view_js),
    TAPEDECK_FILE("web/inspector/parts/room-bars.js", inspector_parts_room_bars_js),
    TAPEDECK_FILE("web/inspector/parts/snippets.js", inspector_parts_snippets_js),
    TAPEDECK_FILE("web/inspector/parts/sql-editor.js", inspector_parts_sql_editor_js),
    TAPEDECK_FILE("web/inspector/parts/story.js", inspector_parts_story_js),
    TAPEDECK_FILE("web/inspector/parts/time-strip.js", inspector_parts_time_strip_js),
    TAPEDECK_FILE("web/inspector/parts/timeline-canvas.js", inspector_parts_timeline_canvas_js),
    TAPEDECK_FILE("web/inspector/parts/timeline-model.js", inspector_parts_timeline_model_js),
    TAPEDECK_FILE("web/inspector/parts/toast.js", inspector_parts_toast_js),
    TAPEDECK_FILE("web/inspector/parts/virtual-list.js", inspector_parts_virtual_list_js),
    TAPEDECK_FILE("web/inspector/styles/base.css", inspector_styles_base_css),
    TAPEDECK_FILE("web/inspector/styles/detail.css", inspector_styles_detail_css),
    TAPEDECK_FILE("web/inspector/styles/pages.css", inspector_styles_pages_css),
    TAPEDECK_FILE("web/inspector/styles/shell.css", inspector_styles_shell_css),
    TAPEDECK_FILE("web/inspector/styles/tables.css", inspector_styles_tables_css),
    TAPEDECK_FILE("web/inspector/styles/timeline.css", inspector_styles_timeline_css),
    TAPEDECK_FILE("web/inspector/styles/work.css", inspector_styles_work_css),
    TAPEDECK_FILE("web/inspector/views/acks.js", inspector_views_acks_js),
    TAPEDECK_FILE("web/inspector/views/events.js", inspector_views_events_js),
    TAPEDECK_FILE("web/inspector/views/packets.js", inspector_views_packets_js),
    TAPEDECK_FILE("web/inspector/views/replay.js", inspector_views_replay_js),
    TAPEDECK_FILE("web/inspector/views/rooms.js", inspector_views_rooms_js),
    TAPEDECK_FILE("web/inspector/views/session.js", inspector_views_session_js),
    TAPEDECK_FILE("web/inspector/views/sessions.js", inspector_views_sessions_js),
    TAPEDECK_FILE("web/inspector/views/sql.js", inspector_views_sql_js),
    TAPEDECK_FILE("web/inspector/views/timeline.js", inspector_views_timeline_js),
};

const struct tapedeck_file *tapedeck_files(void) { return all; }
size_t tapedeck_files_count(void) { return sizeof all / sizeof *all; }
