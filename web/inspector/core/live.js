// What happens, as it happens: the API's server-sent events. Read by fetch, since EventSource cannot send a token.

import { authorization, back, base, exact, server } from "./api.js";

/**
 * @typedef {object} LiveEvent
 * @property {string} kind packet, room-change, session, ready or skipped
 * @property {any} data
 * @property {string} id
 */

/**
 * Listens until it is told to stop; after an outage it goes on behind the last event, without loss.
 *
 * @param {Record<string, string | number | boolean | null | undefined>} filters as for packets
 * @param {number | null} after an id of the tape; from now on unless given
 * @param {(events: LiveEvent[]) => void} take what has come, all of a piece together
 * @returns {() => void} stops it
 */
export function listen(filters, after, take) {
  const stop = new AbortController();
  let position = after === null ? "" : String(after);
  (async () => {
    while (!stop.signal.aborted) {
      const search = new URLSearchParams();
      for (const [key, value] of Object.entries({ ...filters, after: position })) if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
      try {
        const response = await fetch(`${base}live?${search}`, { headers: { ...authorization(), Accept: "text/event-stream" }, signal: stop.signal });
        if (response.status === 401) server.set("locked");
        else if (!response.ok || !response.body) server.set([502, 504].includes(response.status) ? "away" : server.state);
        else {
          server.set("here");
          await read(response.body, (events) => {
            for (const { id } of events) if (id) position = id;
            try {
              take(events);
            } catch (error) {
              reportError(error); // a mistake of the page, no outage of the server
            }
          });
        }
      } catch {
        if (stop.signal.aborted) return;
        server.set("away");
      }
      await back(stop.signal).catch(() => undefined);
    }
  })();
  return () => stop.abort();
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {(events: LiveEvent[]) => void} take
 */
async function read(body, take) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const end = rest.lastIndexOf("\n\n");
    if (end < 0) continue;
    const events = rest.slice(0, end).split("\n\n").map(parsed).filter((event) => event !== null);
    rest = rest.slice(end + 2);
    if (events.length > 0) take(/** @type {LiveEvent[]} */ (events));
  }
}

/**
 * @param {string} block
 * @returns {LiveEvent | null} nothing for comments
 */
export function parsed(block) {
  const event = { kind: "message", data: "", id: "" };
  for (const row of block.split("\n")) {
    const colon = row.indexOf(":");
    if (colon <= 0) continue;
    const value = row.slice(colon + 1).replace(/^ /, "");
    if (row.startsWith("event:")) event.kind = value;
    else if (row.startsWith("data:")) event.data += value;
    else if (row.startsWith("id:")) event.id = value;
  }
  return event.data ? { ...event, data: exact(event.data) } : null;
}
