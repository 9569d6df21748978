-- The first schema of a tape.
--
-- Times are microseconds since 1970 (`..._us`). Ids of packets, deliveries and room changes come from one sequence per tape,
-- so they can be compared with each other: what has the smaller id was recorded first. Ids of connections, sessions and
-- broadcasts are the numbers of the run moved past those of earlier runs.
-- People read the views at the end; the tables are free to change by later migrations.

PRAGMA application_id = 0x54415045;  -- "TAPE"

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,  -- of the common sequence: the packets of this run have ids from here on
    started_us INTEGER NOT NULL,
    ended_us INTEGER,  -- of an interrupted run: when the last thing was recorded
    kind TEXT NOT NULL,
    host TEXT,
    software TEXT,
    upstream TEXT,
    settings TEXT NOT NULL,  -- JSON object
    status TEXT NOT NULL DEFAULT 'running'  -- running, ended, interrupted
) STRICT;

CREATE TABLE connection (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    sid TEXT NOT NULL,  -- Engine.IO session id
    protocol INTEGER NOT NULL,  -- Engine.IO revision
    transport TEXT NOT NULL,  -- the present one: it changes with the upgrade
    remote_address TEXT,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,  -- JSON object, names in lower case
    opened_us INTEGER NOT NULL,
    upgraded_us INTEGER,
    closed_us INTEGER,
    close_reason TEXT,
    close_detail TEXT,
    bytes_in INTEGER,
    bytes_out INTEGER
) STRICT;
CREATE INDEX connection_run ON connection (run_id);
CREATE INDEX connection_open ON connection (id) WHERE closed_us IS NULL;

CREATE TABLE namespace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A socket number is known from its CONNECT packet on; it becomes a session when the namespace accepts it.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    connection_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    namespace_id INTEGER NOT NULL,
    sid TEXT,  -- Socket.IO id; null until accepted
    auth TEXT,  -- JSON
    connected_us INTEGER,  -- null: not accepted (yet)
    disconnected_us INTEGER,
    reason TEXT,
    recovered INTEGER NOT NULL DEFAULT 0,
    packets_in INTEGER,  -- written when the session ends; until then the view counts
    packets_out INTEGER
) STRICT;
CREATE INDEX session_connection ON session (connection_id);
CREATE INDEX session_not_accepted ON session (id) WHERE connected_us IS NULL;
CREATE INDEX session_open ON session (id) WHERE disconnected_us IS NULL;

CREATE TABLE event_name (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Packets of one socket. The connection and the namespace are its session's.
CREATE TABLE packet (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    direction INTEGER NOT NULL,  -- 0 from the client, 1 to it
    type INTEGER NOT NULL,  -- Socket.IO packet type as on the wire: 0 connect ... 6 binary ack
    event_id INTEGER,
    ack_id INTEGER,
    bytes INTEGER NOT NULL,
    attachments INTEGER NOT NULL,
    payload TEXT  -- JSON as on the wire
) STRICT;
CREATE INDEX packet_session ON packet (session_id);

-- Packets that belong to a connection and to no socket: heartbeats, handshakes, probes, and what nobody asked for.
CREATE TABLE connection_packet (
    id INTEGER PRIMARY KEY,
    connection_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    layer INTEGER NOT NULL,  -- 0 Engine.IO, 1 Socket.IO
    type INTEGER NOT NULL,  -- packet type of that layer as on the wire
    namespace_id INTEGER,
    event_id INTEGER,
    ack_id INTEGER,
    bytes INTEGER NOT NULL,
    attachments INTEGER NOT NULL,
    payload TEXT  -- JSON; of an Engine.IO packet other than open, a JSON string
) STRICT;
CREATE INDEX connection_packet_connection ON connection_packet (connection_id);

CREATE TABLE packet_attachment (
    packet_id INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (packet_id, idx)
) STRICT;

-- A packet that was sent to many, once.
CREATE TABLE broadcast (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    type INTEGER NOT NULL,
    namespace_id INTEGER NOT NULL,
    event_id INTEGER,
    ack_id INTEGER,
    bytes INTEGER NOT NULL,  -- for each receiver
    attachments INTEGER NOT NULL,
    payload TEXT
) STRICT;

CREATE TABLE broadcast_attachment (
    broadcast_id INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (broadcast_id, idx)
) STRICT;

-- Lists of receivers in ascending order of sessions. A list only grows at its end, so a delivery names a part of it from
-- the beginning, and the few in that part who were left out; rooms that many write to need one list, not one per packet.
CREATE TABLE receiver (
    list_id INTEGER NOT NULL,
    position INTEGER NOT NULL,  -- from 0
    session_id INTEGER NOT NULL,
    PRIMARY KEY (list_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX receiver_session ON receiver (session_id);

-- What one event loop delivered of a broadcast. The packets have the ids from `id` on, in the order of the list.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    broadcast_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    list_id INTEGER NOT NULL,
    length INTEGER NOT NULL,  -- positions of the list below this one
    omitted TEXT  -- JSON array of positions that did not receive it, or null
) STRICT;
CREATE INDEX delivery_broadcast ON delivery (broadcast_id);
CREATE INDEX delivery_list ON delivery (list_id);

-- One row per packet that asked for an ack.
CREATE TABLE ack (
    request_id INTEGER PRIMARY KEY,  -- packet id
    response_id INTEGER,
    session_id INTEGER NOT NULL,
    event_id INTEGER,
    direction INTEGER NOT NULL,  -- of the request
    ack_id INTEGER NOT NULL,
    requested_us INTEGER NOT NULL,
    acked_us INTEGER,
    latency_ms REAL,
    status INTEGER NOT NULL  -- 0 pending, 1 acked, 2 timeout, 3 lost
) STRICT;
CREATE INDEX ack_latency ON ack (latency_ms);
CREATE INDEX ack_unanswered ON ack (session_id, direction, ack_id) WHERE status <> 1;

-- Where an event's packets are: how many of each block of 4096 ids. Makes a rare event quick to find, and events cheap to count.
CREATE TABLE event_block (
    event_id INTEGER NOT NULL,
    block INTEGER NOT NULL,  -- packet id >> 12; of a delivery, its first id
    packets_in INTEGER NOT NULL,
    packets_out INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (event_id, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    namespace_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (name, namespace_id)
) STRICT;

CREATE TABLE room_change (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    room_id INTEGER NOT NULL,
    action INTEGER NOT NULL  -- 1 join, 0 leave
) STRICT;
CREATE INDEX room_change_room ON room_change (room_id);
CREATE INDEX room_change_session ON room_change (session_id);

-- Who is in a room now.
CREATE TABLE room_member (
    room_id INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (room_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_member_session ON room_member (session_id);

-- What could not be recorded.
CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE VIEW runs AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%S', started_us / 1000000, 'unixepoch') || printf('.%06dZ', started_us % 1000000) AS started_at,
    strftime('%Y-%m-%dT%H:%M:%S', ended_us / 1000000, 'unixepoch') || printf('.%06dZ', ended_us % 1000000) AS ended_at,
    kind, host, software, upstream, settings, status
FROM run;

CREATE VIEW connections AS
SELECT
    id, run_id, sid, protocol, transport, remote_address, url, headers,
    strftime('%Y-%m-%dT%H:%M:%S', opened_us / 1000000, 'unixepoch') || printf('.%06dZ', opened_us % 1000000) AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%S', upgraded_us / 1000000, 'unixepoch') || printf('.%06dZ', upgraded_us % 1000000) AS upgraded_at,
    strftime('%Y-%m-%dT%H:%M:%S', closed_us / 1000000, 'unixepoch') || printf('.%06dZ', closed_us % 1000000) AS closed_at,
    close_reason, bytes_in, bytes_out
FROM connection;

CREATE VIEW sessions AS
SELECT
    s.id, s.connection_id, s.run_id, s.sid, n.name AS namespace, s.auth,
    strftime('%Y-%m-%dT%H:%M:%S', s.connected_us / 1000000, 'unixepoch') || printf('.%06dZ', s.connected_us % 1000000) AS connected_at,
    strftime('%Y-%m-%dT%H:%M:%S', s.disconnected_us / 1000000, 'unixepoch') || printf('.%06dZ', s.disconnected_us % 1000000) AS disconnected_at,
    s.reason, s.recovered,
    coalesce(s.packets_in, (SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.direction = 0)) AS packets_in,
    coalesce(
        s.packets_out,
        (SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.direction = 1)
        + (SELECT count(*) FROM receiver r JOIN delivery d ON d.list_id = r.list_id
           WHERE r.session_id = s.id AND r.position < d.length
             AND (d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted))))) AS packets_out
FROM session s
JOIN namespace n ON n.id = s.namespace_id
WHERE s.connected_us IS NOT NULL;

-- Four kinds of rows: packets of a session; packets of a socket that was not accepted; packets of a connection alone;
-- deliveries of broadcasts, unfolded. Expressions have the same affinity in all four, so that SQLite can pass filters down.
CREATE VIEW packets AS
SELECT
    p.id, s.run_id, s.connection_id, s.id AS session_id,
    strftime('%Y-%m-%dT%H:%M:%S', p.at_us / 1000000, 'unixepoch') || printf('.%06dZ', p.at_us % 1000000) AS at,
    p.at_us,
    CASE p.direction WHEN 0 THEN 'in' ELSE 'out' END AS direction,
    'socket' AS layer,
    CASE p.type WHEN 0 THEN 'connect' WHEN 1 THEN 'disconnect' WHEN 2 THEN 'event' WHEN 3 THEN 'ack'
        WHEN 4 THEN 'connect_error' WHEN 5 THEN 'binary_event' ELSE 'binary_ack' END AS type,
    n.name AS namespace, e.name AS event, p.ack_id, p.payload AS data, p.attachments, p.bytes,
    CAST(NULL AS INTEGER) AS broadcast_id
FROM packet p
JOIN session s ON s.id = p.session_id
JOIN namespace n ON n.id = s.namespace_id
LEFT JOIN event_name e ON e.id = p.event_id
WHERE s.connected_us IS NOT NULL
UNION ALL
SELECT
    p.id, s.run_id, s.connection_id, CAST(NULL AS INTEGER),
    strftime('%Y-%m-%dT%H:%M:%S', p.at_us / 1000000, 'unixepoch') || printf('.%06dZ', p.at_us % 1000000),
    p.at_us,
    CASE p.direction WHEN 0 THEN 'in' ELSE 'out' END,
    'socket',
    CASE p.type WHEN 0 THEN 'connect' WHEN 1 THEN 'disconnect' WHEN 2 THEN 'event' WHEN 3 THEN 'ack'
        WHEN 4 THEN 'connect_error' WHEN 5 THEN 'binary_event' ELSE 'binary_ack' END,
    n.name, e.name, p.ack_id, p.payload, p.attachments, p.bytes,
    CAST(NULL AS INTEGER)
FROM session s
CROSS JOIN packet p ON p.session_id = s.id  -- in this order: such sessions are few
JOIN namespace n ON n.id = s.namespace_id
LEFT JOIN event_name e ON e.id = p.event_id
WHERE s.connected_us IS NULL
UNION ALL
SELECT
    p.id, c.run_id, p.connection_id, CAST(NULL AS INTEGER),
    strftime('%Y-%m-%dT%H:%M:%S', p.at_us / 1000000, 'unixepoch') || printf('.%06dZ', p.at_us % 1000000),
    p.at_us,
    CASE p.direction WHEN 0 THEN 'in' ELSE 'out' END,
    CASE p.layer WHEN 0 THEN 'engine' ELSE 'socket' END,
    CASE p.layer
        WHEN 0 THEN CASE p.type WHEN 0 THEN 'open' WHEN 1 THEN 'close' WHEN 2 THEN 'ping' WHEN 3 THEN 'pong'
            WHEN 4 THEN 'message' WHEN 5 THEN 'upgrade' ELSE 'noop' END
        ELSE CASE p.type WHEN 0 THEN 'connect' WHEN 1 THEN 'disconnect' WHEN 2 THEN 'event' WHEN 3 THEN 'ack'
            WHEN 4 THEN 'connect_error' WHEN 5 THEN 'binary_event' ELSE 'binary_ack' END
    END,
    n.name, e.name, p.ack_id, p.payload, p.attachments, p.bytes,
    CAST(NULL AS INTEGER)
FROM connection_packet p
JOIN connection c ON c.id = p.connection_id
LEFT JOIN namespace n ON n.id = p.namespace_id
LEFT JOIN event_name e ON e.id = p.event_id
UNION ALL
SELECT
    CAST(d.id + r.position
        - CASE WHEN d.omitted IS NULL THEN 0 ELSE (SELECT count(*) FROM json_each(d.omitted) WHERE value < r.position) END AS INTEGER),
    s.run_id, s.connection_id, r.session_id,
    strftime('%Y-%m-%dT%H:%M:%S', d.at_us / 1000000, 'unixepoch') || printf('.%06dZ', d.at_us % 1000000),
    d.at_us,
    'out',
    'socket',
    CASE b.type WHEN 0 THEN 'connect' WHEN 1 THEN 'disconnect' WHEN 2 THEN 'event' WHEN 3 THEN 'ack'
        WHEN 4 THEN 'connect_error' WHEN 5 THEN 'binary_event' ELSE 'binary_ack' END,
    n.name, e.name, b.ack_id, b.payload, b.attachments, b.bytes,
    d.broadcast_id
FROM delivery d
JOIN receiver r ON r.list_id = d.list_id AND r.position < d.length
JOIN broadcast b ON b.id = d.broadcast_id
JOIN session s ON s.id = r.session_id
JOIN namespace n ON n.id = b.namespace_id
LEFT JOIN event_name e ON e.id = b.event_id
WHERE d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted));

CREATE VIEW attachments AS
SELECT packet_id, idx, data FROM packet_attachment
UNION ALL
SELECT
    CAST(d.id + r.position
        - CASE WHEN d.omitted IS NULL THEN 0 ELSE (SELECT count(*) FROM json_each(d.omitted) WHERE value < r.position) END AS INTEGER),
    a.idx, a.data
FROM broadcast_attachment a
JOIN delivery d ON d.broadcast_id = a.broadcast_id
JOIN receiver r ON r.list_id = d.list_id AND r.position < d.length
WHERE d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted));

-- `args` is the data without the event's name, cut off as text so that numbers stay as they were: the writer sees to it that data
-- begins with the name as it is spelled here. (Functions of JSON would be refused here to readers that do not trust schemas.)
CREATE VIEW events AS
SELECT
    id AS packet_id, session_id, at, direction, namespace, event,
    CASE
        WHEN substr(data, 1, length(event) + 4) = '["' || event || '",' THEN '[' || substr(data, length(event) + 5)
        WHEN data = '["' || event || '"]' THEN '[]'
        WHEN substr(data, 1, length(event) + 2) = '[' || event || ',' THEN '[' || substr(data, length(event) + 3)
        WHEN data = '[' || event || ']' THEN '[]'
        WHEN data = '["' || replace(replace(replace(event, '\', '\\'), '"', '\"'), char(10), '\n') || '"]' THEN '[]'
        WHEN instr(data, '["' || replace(replace(replace(event, '\', '\\'), '"', '\"'), char(10), '\n') || '",') = 1
            THEN '[' || substr(data, length(replace(replace(replace(event, '\', '\\'), '"', '\"'), char(10), '\n')) + 5)
    END AS args,
    ack_id, broadcast_id
FROM packets
WHERE event IS NOT NULL;

CREATE VIEW acks AS
SELECT
    a.request_id, a.response_id, a.session_id, n.name AS namespace, e.name AS event,
    CASE a.direction WHEN 0 THEN 'in' ELSE 'out' END AS direction,
    a.ack_id,
    strftime('%Y-%m-%dT%H:%M:%S', a.requested_us / 1000000, 'unixepoch') || printf('.%06dZ', a.requested_us % 1000000) AS requested_at,
    strftime('%Y-%m-%dT%H:%M:%S', a.acked_us / 1000000, 'unixepoch') || printf('.%06dZ', a.acked_us % 1000000) AS acked_at,
    a.latency_ms,
    CASE a.status WHEN 0 THEN 'pending' WHEN 1 THEN 'acked' WHEN 2 THEN 'timeout' ELSE 'lost' END AS status
FROM ack a
JOIN session s ON s.id = a.session_id
JOIN namespace n ON n.id = s.namespace_id
LEFT JOIN event_name e ON e.id = a.event_id;

CREATE VIEW room_changes AS
SELECT
    c.id, c.session_id, s.sid,
    strftime('%Y-%m-%dT%H:%M:%S', c.at_us / 1000000, 'unixepoch') || printf('.%06dZ', c.at_us % 1000000) AS at,
    c.at_us, n.name AS namespace, o.name AS room,
    CASE c.action WHEN 1 THEN 'join' ELSE 'leave' END AS action
FROM room_change c
JOIN room o ON o.id = c.room_id
JOIN namespace n ON n.id = o.namespace_id
JOIN session s ON s.id = c.session_id;

CREATE VIEW room_members AS
SELECT
    n.name AS namespace, o.name AS room, m.session_id, s.sid,
    strftime('%Y-%m-%dT%H:%M:%S', m.since_us / 1000000, 'unixepoch') || printf('.%06dZ', m.since_us % 1000000) AS since
FROM room_member m
JOIN room o ON o.id = m.room_id
JOIN namespace n ON n.id = o.namespace_id
JOIN session s ON s.id = m.session_id
WHERE s.disconnected_us IS NULL;

CREATE VIEW gaps AS
SELECT
    id, run_id,
    strftime('%Y-%m-%dT%H:%M:%S', from_us / 1000000, 'unixepoch') || printf('.%06dZ', from_us % 1000000) AS from_at,
    strftime('%Y-%m-%dT%H:%M:%S', to_us / 1000000, 'unixepoch') || printf('.%06dZ', to_us % 1000000) AS to_at,
    packets, reason
FROM gap;
