-- Markers, volatile events that were dropped, causes of room changes, recovered sessions.

CREATE TABLE marker (
    id INTEGER PRIMARY KEY,  -- of the common sequence
    run_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- A volatile event that one client did not get, because it could not be written to.
CREATE TABLE volatile_drop (
    id INTEGER PRIMARY KEY,  -- of the common sequence
    session_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    bytes INTEGER NOT NULL,  -- that it would have had
    broadcast_id INTEGER
) STRICT;
CREATE INDEX volatile_drop_session ON volatile_drop (session_id);

ALTER TABLE session ADD COLUMN recovered_from INTEGER;  -- the earlier session that it goes on from
CREATE INDEX session_sid ON session (sid);

-- What connection state recovery appended to the arguments; the payload is without it.
ALTER TABLE packet ADD COLUMN recovery_offset TEXT;
ALTER TABLE broadcast ADD COLUMN recovery_offset TEXT;

ALTER TABLE room_change ADD COLUMN cause INTEGER;  -- 0 the app, 1 the connect, 2 the disconnect; null: recorded before this column
ALTER TABLE room_change ADD COLUMN packet_id INTEGER;  -- the last packet that had come from the socket

DROP VIEW connections;
CREATE VIEW connections AS
SELECT
    id, run_id, sid, protocol, transport, remote_address, url, headers,
    strftime('%Y-%m-%dT%H:%M:%S', opened_us / 1000000, 'unixepoch') || printf('.%06dZ', opened_us % 1000000) AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%S', upgraded_us / 1000000, 'unixepoch') || printf('.%06dZ', upgraded_us % 1000000) AS upgraded_at,
    strftime('%Y-%m-%dT%H:%M:%S', closed_us / 1000000, 'unixepoch') || printf('.%06dZ', closed_us % 1000000) AS closed_at,
    close_reason, bytes_in, bytes_out, close_detail
FROM connection;

DROP VIEW sessions;
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
             AND (d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted))))) AS packets_out,
    s.recovered_from
FROM session s
JOIN namespace n ON n.id = s.namespace_id
WHERE s.connected_us IS NOT NULL;

DROP VIEW packets;
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
    CAST(NULL AS INTEGER) AS broadcast_id, p.recovery_offset
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
    CAST(NULL AS INTEGER), p.recovery_offset
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
    CAST(NULL AS INTEGER), CAST(NULL AS TEXT)
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
    d.broadcast_id, b.recovery_offset
FROM delivery d
JOIN receiver r ON r.list_id = d.list_id AND r.position < d.length
JOIN broadcast b ON b.id = d.broadcast_id
JOIN session s ON s.id = r.session_id
JOIN namespace n ON n.id = b.namespace_id
LEFT JOIN event_name e ON e.id = b.event_id
WHERE d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted));

DROP VIEW room_changes;
CREATE VIEW room_changes AS
SELECT
    c.id, c.session_id, s.sid,
    strftime('%Y-%m-%dT%H:%M:%S', c.at_us / 1000000, 'unixepoch') || printf('.%06dZ', c.at_us % 1000000) AS at,
    c.at_us, n.name AS namespace, o.name AS room,
    CASE c.action WHEN 1 THEN 'join' ELSE 'leave' END AS action,
    CASE c.cause WHEN 0 THEN 'app' WHEN 1 THEN 'connect' WHEN 2 THEN 'disconnect' END AS cause, c.packet_id
FROM room_change c
JOIN room o ON o.id = c.room_id
JOIN namespace n ON n.id = o.namespace_id
JOIN session s ON s.id = c.session_id;

CREATE VIEW markers AS
SELECT
    id, run_id,
    strftime('%Y-%m-%dT%H:%M:%S', at_us / 1000000, 'unixepoch') || printf('.%06dZ', at_us % 1000000) AS at,
    at_us, name
FROM marker;

CREATE VIEW drops AS
SELECT
    d.id, d.session_id,
    strftime('%Y-%m-%dT%H:%M:%S', d.at_us / 1000000, 'unixepoch') || printf('.%06dZ', d.at_us % 1000000) AS at,
    d.at_us, n.name AS namespace, e.name AS event, d.bytes, d.broadcast_id
FROM volatile_drop d
JOIN session s ON s.id = d.session_id
JOIN namespace n ON n.id = s.namespace_id
JOIN event_name e ON e.id = d.event_id;
