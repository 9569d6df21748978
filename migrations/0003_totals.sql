-- Two more views, for questions about the whole tape that would otherwise read all of it.

-- How often an event was on its way and how many bytes that were; a broadcast counts once for each receiver.
CREATE VIEW event_totals AS
SELECT e.name AS event, sum(b.packets_in) AS packets_in, sum(b.packets_out) AS packets_out, sum(b.bytes) AS bytes
FROM event_block b
JOIN event_name e ON e.id = b.event_id
GROUP BY b.event_id;

-- What an event loop delivered of a broadcast, in one row; its packets have the ids from `packet_id` on.
CREATE VIEW deliveries AS
SELECT
    d.id AS packet_id, d.broadcast_id,
    strftime('%Y-%m-%dT%H:%M:%S', d.at_us / 1000000, 'unixepoch') || printf('.%06dZ', d.at_us % 1000000) AS at,
    d.at_us, n.name AS namespace, e.name AS event, b.payload AS data, b.bytes,
    d.length - (SELECT count(*) FROM json_each(d.omitted)) AS receivers
FROM delivery d
JOIN broadcast b ON b.id = d.broadcast_id
JOIN namespace n ON n.id = b.namespace_id
LEFT JOIN event_name e ON e.id = b.event_id;

-- Requests without an answer are few among many.
CREATE INDEX ack_without_response ON ack (request_id) WHERE response_id IS NULL;
