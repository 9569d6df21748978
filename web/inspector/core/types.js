// The rows of the inspection API, for tsc. Nothing here runs; /inspect/api/openapi.json is the full description.

/**
 * @typedef {object} Packet
 * @property {number} id
 * @property {string} at
 * @property {number} at_us
 * @property {"in" | "out"} direction
 * @property {"engine" | "socket"} layer
 * @property {string} type
 * @property {string | null} namespace
 * @property {string | null} event
 * @property {unknown} data
 * @property {number} attachments
 * @property {number} bytes
 * @property {number} run_id
 * @property {number} connection_id
 * @property {number | null} session_id
 * @property {number | null} ack_id
 * @property {number | null} broadcast_id
 */

/**
 * @typedef {object} Session
 * @property {number} id
 * @property {number} connection_id
 * @property {number} run_id
 * @property {string} sid
 * @property {string} namespace
 * @property {unknown} auth
 * @property {string} connected_at
 * @property {string | null} disconnected_at
 * @property {string | null} reason
 * @property {boolean} recovered
 * @property {number | null} recovered_from
 * @property {number} packets_in
 * @property {number} packets_out
 */

/**
 * @typedef {object} Connection
 * @property {number} id
 * @property {number} run_id
 * @property {string} sid
 * @property {number} protocol
 * @property {string} transport
 * @property {string | null} remote_address
 * @property {string} url
 * @property {Record<string, unknown>} headers
 * @property {string} opened_at
 * @property {string | null} upgraded_at
 * @property {string | null} closed_at
 * @property {string | null} close_reason
 * @property {string | null} close_detail
 * @property {number | null} bytes_in
 * @property {number | null} bytes_out
 */

/**
 * @typedef {object} End
 * @property {boolean} ended
 * @property {string | null} at
 * @property {string | null} reason
 * @property {string | null} detail
 * @property {"client" | "server" | "network" | "recorder" | null} by
 * @property {string} explanation
 * @property {Packet[]} last_packets
 */

/**
 * @typedef {object} Ack
 * @property {number} request_id
 * @property {number | null} response_id
 * @property {number} session_id
 * @property {string} namespace
 * @property {string | null} event
 * @property {"in" | "out"} direction
 * @property {number} ack_id
 * @property {string} requested_at
 * @property {string | null} acked_at
 * @property {number | null} latency_ms
 * @property {"pending" | "acked" | "timeout" | "lost"} status
 */

/**
 * @typedef {object} RoomChange
 * @property {number} id
 * @property {number} session_id
 * @property {string | null} sid
 * @property {string} at
 * @property {number} at_us
 * @property {string} namespace
 * @property {string} room
 * @property {"join" | "leave"} action
 * @property {string | null} cause
 * @property {number | null} packet_id
 */

/** @typedef {{ namespace: string, room: string, members: number }} Room */
/** @typedef {{ namespace: string, room: string, session_id: number, sid: string | null, since: string }} RoomMember */
/** @typedef {{ event: string, packets_in: number, packets_out: number, bytes: number, per_second: number }} EventCount */
/** @typedef {{ packet_id: number, idx: number, bytes: number }} Attachment */
/** @typedef {{ id: number, kind: string, status: string, host: string | null, software: string | null, upstream: string | null, settings: any, started_at: string, ended_at: string | null }} Run */

/**
 * @typedef {object} Stats
 * @property {number} runs
 * @property {number} connections
 * @property {number} sessions
 * @property {number} packets
 * @property {number} packets_in
 * @property {number} packets_out
 * @property {number} broadcasts
 * @property {number} acks
 * @property {number} unanswered_acks
 * @property {number} rooms
 * @property {number} gaps
 * @property {number} lost_packets
 * @property {number} open_connections
 * @property {number} open_sessions
 * @property {number} file_bytes
 * @property {string | null} first_at
 * @property {string | null} last_at
 */

/**
 * @template T
 * @typedef {{ items: T[], next: string | null }} Page
 */

/** @typedef {{ columns: string[], rows: (string | number | null)[][], truncated: boolean }} Table */

/**
 * What the shell gives a view, and what it wants back.
 *
 * @typedef {object} Place
 * @property {string[]} path what stands before the question mark, e.g. ["sessions", "12"]
 * @property {URLSearchParams} query
 */

/**
 * A view's own life: `show` when the address changes within it, `close` when it goes.
 *
 * @typedef {object} View
 * @property {(place: Place) => void} [show]
 * @property {() => void} [close]
 * @property {(event: KeyboardEvent) => boolean} [key] whether it took the key
 */

export {};
