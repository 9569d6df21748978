// The worked questions of docs/questions.md. A test holds them together.

/** @type {{ group: string, title: string, about: string, sql: string }[]} */
export const questions = [
  {
    group: "Acks",
    title: "Which requests waited longest for their ack?",
    about: "",
    sql: `SELECT event, latency_ms, session_id, requested_at FROM acks ORDER BY latency_ms DESC LIMIT 10`,
  },
  {
    group: "Acks",
    title: "Which requests were never answered?",
    about: "`lost`: the socket went away; `timeout`: the server stopped waiting; `pending`: it may still come.",
    sql: `SELECT request_id, session_id, event, direction, status FROM acks WHERE response_id IS NULL ORDER BY request_id LIMIT 100`,
  },
  {
    group: "Acks",
    title: "What are the median and the 95th percentile of the latency, by event, of late?",
    about: "Of the last 1000 that were answered.",
    sql: `WITH late AS (
    SELECT event, latency_ms, cume_dist() OVER (PARTITION BY event ORDER BY latency_ms) AS rank
    FROM (SELECT event, latency_ms FROM acks WHERE response_id IS NOT NULL ORDER BY request_id DESC LIMIT 1000))
SELECT event, count(*) AS acks, min(latency_ms) FILTER (WHERE rank >= 0.5) AS p50, min(latency_ms) FILTER (WHERE rank >= 0.95) AS p95
FROM late GROUP BY event ORDER BY p95 DESC`,
  },
  {
    group: "Rooms",
    title: "Who was in the room when the checkout began?",
    about: "A marker (`io.mark(\"checkout begins\")`) or any packet gives the moment by its id.",
    sql: `SELECT sid FROM (
    SELECT sid, action, row_number() OVER (PARTITION BY session_id ORDER BY id DESC) AS last
    FROM room_changes
    WHERE namespace = '/' AND room = 'r1' AND id < (SELECT id FROM markers WHERE name = 'checkout begins'))
WHERE last = 1 AND action = 'join' ORDER BY sid`,
  },
  {
    group: "Rooms",
    title: "Who is in the room now, and since when?",
    about: "",
    sql: `SELECT sid, since FROM room_members WHERE namespace = '/' AND room = 'r1' ORDER BY since`,
  },
  {
    group: "Rooms",
    title: "What did Ann miss?",
    about: "What was broadcast between her leaving and her coming back, as another session.",
    sql: `WITH ann AS (
    SELECT c.id, c.action, lead(c.id) OVER (ORDER BY c.id) AS back
    FROM room_changes c JOIN sessions s ON s.id = c.session_id
    WHERE c.namespace = '/' AND c.room = 'r1' AND json_extract(s.auth, '$.user') = 'ann')
SELECT DISTINCT d.broadcast_id, d.event, d.data
FROM ann JOIN deliveries d ON d.packet_id BETWEEN ann.id AND ann.back
WHERE ann.action = 'leave' AND d.namespace = '/' ORDER BY d.broadcast_id`,
  },
  {
    group: "Rooms",
    title: "How many were in each room when it was fullest?",
    about: "",
    sql: `SELECT namespace, room, most FROM rooms ORDER BY most DESC, room LIMIT 10`,
  },
  {
    group: "Rooms",
    title: "Why did they leave?",
    about: "`disconnect`: with their socket; `app`: the application said so, last after this packet of theirs.",
    sql: `SELECT r.at, r.sid, r.cause, (SELECT p.event FROM packets p WHERE p.id = r.packet_id AND p.direction = 'in') AS event
FROM room_changes r WHERE r.namespace = '/' AND r.room = 'r1' AND r.action = 'leave' ORDER BY r.id LIMIT 100`,
  },
  {
    group: "Events",
    title: "Which events cost most?",
    about: "",
    sql: `SELECT event, packets_in, packets_out, bytes FROM event_totals ORDER BY bytes DESC, event LIMIT 10`,
  },
  {
    group: "Events",
    title: "What came in right after the checkout began?",
    about: "",
    sql: `SELECT id, at, session_id, event, data FROM packets
WHERE direction = 'in' AND event IS NOT NULL AND id > (SELECT id FROM markers WHERE name = 'checkout begins') ORDER BY id LIMIT 10`,
  },
  {
    group: "Events",
    title: "What did a session receive, in order?",
    about: "",
    sql: `SELECT id, at, type, event, data FROM packets
WHERE session_id = 2 AND direction = 'out' AND layer = 'socket' ORDER BY id LIMIT 100`,
  },
  {
    group: "Events",
    title: "Who received a broadcast?",
    about: "",
    sql: `SELECT s.sid FROM packets p JOIN sessions s ON s.id = p.session_id WHERE p.broadcast_id = 1 ORDER BY s.sid`,
  },
  {
    group: "Events",
    title: "Which volatile events were dropped, and for how many?",
    about: "",
    sql: `SELECT event, count(*) AS drops, count(DISTINCT session_id) AS sessions FROM drops GROUP BY event ORDER BY drops DESC`,
  },
  {
    group: "Connections and sessions",
    title: "Why do connections end?",
    about: "",
    sql: `SELECT close_reason, close_detail, count(*) AS connections FROM connections WHERE closed_at IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC`,
  },
  {
    group: "Connections and sessions",
    title: "What were the last packets of a session before it ended?",
    about: "",
    sql: `SELECT id, at, direction, type, event, data FROM packets WHERE session_id = 1 ORDER BY id DESC LIMIT 10`,
  },
  {
    group: "Connections and sessions",
    title: "When were there reconnect storms?",
    about: "Stretches of ten seconds in which more than twice as many connections were opened as in the ten seconds before.",
    sql: `WITH opened AS (SELECT substr(opened_at, 1, 18) || '0Z' AS at, count(*) AS connections FROM connections GROUP BY 1),
    steps AS (SELECT at, connections, lag(connections, 1, 0) OVER (ORDER BY at) AS before FROM opened)
SELECT at, before, connections FROM steps WHERE connections > 2 * before + 1 ORDER BY at`,
  },
  {
    group: "Connections and sessions",
    title: "Who never got past long-polling?",
    about: "",
    sql: `SELECT id, remote_address, json_extract(headers, '$.user-agent') AS browser, opened_at FROM connections
WHERE transport = 'polling' AND upgraded_at IS NULL ORDER BY id LIMIT 100`,
  },
  {
    group: "Connections and sessions",
    title: "Which sessions were recovered, and how long was nobody there?",
    about: "",
    sql: `SELECT s.id, s.recovered_from, s.sid, round((julianday(s.connected_at) - julianday(p.disconnected_at)) * 86400, 3) AS seconds
FROM sessions s JOIN sessions p ON p.id = s.recovered_from ORDER BY s.id`,
  },
  {
    group: "Connections and sessions",
    title: "Who shares a token?",
    about: "Redacted values are hashes: equal ones were equal secrets.",
    sql: `SELECT json_extract(auth, '$.token') AS token, count(*) AS sessions FROM sessions
WHERE json_extract(auth, '$.token') IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY sessions DESC, token LIMIT 10`,
  },
  {
    group: "The recording itself",
    title: "What is missing?",
    about: "No row means that nothing is.",
    sql: `SELECT run_id, from_at, to_at, packets, reason FROM gaps ORDER BY id`,
  },
];
