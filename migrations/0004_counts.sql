-- Counts that are kept while they grow, so that nobody has to count a long tape: packets of sessions, members of rooms.

-- packets_in and packets_out count what has an id below this one; what came later is counted by the view.
-- 9223372036854775807: the session has ended, they count all.
ALTER TABLE session ADD COLUMN counted_id INTEGER NOT NULL DEFAULT 0;
UPDATE session SET counted_id = 9223372036854775807 WHERE packets_in IS NOT NULL;

ALTER TABLE room ADD COLUMN members INTEGER NOT NULL DEFAULT 0;  -- now
ALTER TABLE room ADD COLUMN most INTEGER NOT NULL DEFAULT 0;  -- that it ever had at once on this tape
CREATE INDEX room_most ON room (most);
UPDATE room SET members = (SELECT count(*) FROM room_member m WHERE m.room_id = room.id);
UPDATE room SET most = max(members, counted.most)
FROM (
    SELECT room_id, max(members) AS most FROM (
        SELECT
            room_id,
            sum(CASE c.action WHEN 1 THEN 1 ELSE -1 END)
                OVER (PARTITION BY c.room_id, s.run_id ORDER BY c.id ROWS UNBOUNDED PRECEDING) AS members
        FROM room_change c JOIN session s ON s.id = c.session_id)
    GROUP BY room_id) AS counted
WHERE counted.room_id = room.id;

DROP VIEW sessions;
CREATE VIEW sessions AS
SELECT
    s.id, s.connection_id, s.run_id, s.sid, n.name AS namespace, s.auth,
    strftime('%Y-%m-%dT%H:%M:%S', s.connected_us / 1000000, 'unixepoch') || printf('.%06dZ', s.connected_us % 1000000) AS connected_at,
    strftime('%Y-%m-%dT%H:%M:%S', s.disconnected_us / 1000000, 'unixepoch') || printf('.%06dZ', s.disconnected_us % 1000000) AS disconnected_at,
    s.reason, s.recovered,
    coalesce(s.packets_in, 0) + CASE WHEN s.counted_id = 9223372036854775807 THEN 0 ELSE
        (SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.id >= s.counted_id AND p.direction = 0) END AS packets_in,
    coalesce(s.packets_out, 0) + CASE WHEN s.counted_id = 9223372036854775807 THEN 0 ELSE
        (SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.id >= s.counted_id AND p.direction = 1)
        + (SELECT count(*) FROM receiver r JOIN delivery d ON d.list_id = r.list_id AND d.id >= s.counted_id
           WHERE r.session_id = s.id AND r.position < d.length
             AND (d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted)))) END AS packets_out,
    s.recovered_from
FROM session s
JOIN namespace n ON n.id = s.namespace_id
WHERE s.connected_us IS NOT NULL;

-- Without the rooms that each socket has for itself.
CREATE VIEW rooms AS
SELECT n.name AS namespace, o.name AS room, o.members, o.most
FROM room o
JOIN namespace n ON n.id = o.namespace_id
WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.sid = o.name);

-- How far times went back at most from one packet to another with a higher id, in microseconds: packets of a time are that near to where their
-- time would have put them. Null: not known.
ALTER TABLE run ADD COLUMN disorder_us INTEGER;
