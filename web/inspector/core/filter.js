// The filter line: event:"chat message" dir:in ns:/custom room:r1 ack:>100ms text:hello

/** @typedef {{ key: string, value: string, from: number, to: number, problem: string | null }} Term */
/** @typedef {{ terms: Term[], query: Record<string, string>, problems: string[] }} Filter */

const times = "a time such as 2026-01-31T12:00:00Z";
const types = ["connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack", "open", "close", "ping", "pong", "message", "upgrade", "noop"];

/**
 * What can stand before a colon: the API's parameter, what it means, and what it takes.
 *
 * @type {Record<string, { parameter: string, about: string, takes?: (value: string) => string | null, words?: string[] }>}
 */
export const keys = {
  event: { parameter: "event", about: "events of this name" },
  dir: { parameter: "direction", about: "in: from the client, out: to it", words: ["in", "out"] },
  ns: { parameter: "namespace", about: "this namespace" },
  room: { parameter: "room", about: "sessions while they were in this room" },
  session: { parameter: "session", about: "this session, by its number", takes: number },
  ack: { parameter: "ack", about: "requests whose ack took longer, or never came", takes: ackProblem, words: [">100ms", "acked", "pending", "timeout", "lost"] },
  text: { parameter: "q", about: "this text inside the payload" },
  type: { parameter: "type", about: "packets of this type", words: types },
  layer: { parameter: "layer", about: "socket or engine packets", words: ["socket", "engine"] },
  conn: { parameter: "connection", about: "this connection, by its number", takes: number },
  broadcast: { parameter: "broadcast", about: "what one broadcast delivered", takes: number },
  run: { parameter: "run", about: "one run of the server", takes: number },
  since: { parameter: "since", about: "at this time or later", takes: time },
  until: { parameter: "until", about: "before this time", takes: time },
  beats: { parameter: "heartbeats", about: "on: pings and pongs too", words: ["on"] },
};

/** @param {string} value */
function number(value) {
  return /^\d{1,18}$/.test(value) ? null : "a whole number";
}

/** @param {string} value */
function time(value) {
  return /^\d+$/.test(value) || !Number.isNaN(Date.parse(value)) ? null : times;
}

/** @param {string} value */
function ackProblem(value) {
  return ackQuery(value) ? null : ">100ms, >2s, acked, pending, timeout or lost";
}

/**
 * What an `ack:` asks of the API.
 *
 * @param {string} value
 * @returns {Record<string, string> | null}
 */
export function ackQuery(value) {
  if (["acked", "pending", "timeout", "lost"].includes(value)) return { ack_status: value };
  const match = /^>=?(\d+(?:\.\d+)?)(us|µs|ms|s|m)?$/.exec(value);
  if (!match) return null;
  const unit = { us: 0.001, "µs": 0.001, ms: 1, s: 1000, m: 60_000 }[match[2] ?? "ms"] ?? 1;
  return { min_ack_ms: String(Number(match[1]) * unit) };
}

/**
 * The terms of a line with their places in it. Quotes hold blanks together; a backslash before a quote keeps it.
 *
 * @param {string} text
 * @returns {Term[]}
 */
export function terms(text) {
  /** @type {Term[]} */
  const found = [];
  const pattern = /([a-z]+):(?=\s|$)|(?:([a-z]+):)?("(?:\\.|[^"\\])*"?|[^\s"]\S*)/gy;
  let position = 0;
  while (position < text.length) {
    if (/\s/.test(text[position] ?? "")) {
      position += 1;
      continue;
    }
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (!match) break;
    const key = match[1] ?? match[2] ?? "";
    const known = key in keys;
    // Not one of our words: somebody searches for text with a colon in it.
    const value = known ? unquoted(match[3] ?? "") : unquoted(key ? match[0] : match[3] ?? "");
    found.push({ key: known ? key : "", value, from: position, to: pattern.lastIndex, problem: null });
    position = pattern.lastIndex;
  }
  return found;
}

/** @param {string} text */
function unquoted(text) {
  const inner = /^"((?:\\.|[^"\\])*)/.exec(text)?.[1];
  if (inner === undefined) return text;
  return inner.replace(/\\(.)/g, "$1");
}

/** @param {string} value */
export const quote = (value) => (value === "" || /[\s"]/.test(value) ? `"${value.replace(/[\\"]/g, "\\$&")}"` : value);

/**
 * What a line asks of the API, and what is wrong with it.
 *
 * @param {string} text
 * @returns {Filter}
 */
export function parse(text) {
  const found = terms(text);
  /** @type {Record<string, string>} */
  const query = {};
  /** @type {string[]} */
  const words = [];
  for (const term of found) {
    if (!term.key) {
      words.push(term.value);
      continue;
    }
    const known = keys[term.key];
    if (!known) continue;
    if (term.value === "") term.problem = `${term.key}: waits for a value`;
    else if (known.words && !known.takes && !known.words.includes(term.value)) term.problem = `${term.key}: takes ${known.words.join(", ")}`;
    else if (known.takes?.(term.value)) term.problem = `${term.key}: takes ${known.takes(term.value)}`;
    else if (known.parameter in query || (term.key === "ack" && ("ack_status" in query || "min_ack_ms" in query))) term.problem = `${term.key}: stands there twice`;
    else if (term.key === "ack") Object.assign(query, ackQuery(term.value));
    else query[known.parameter] = term.key === "beats" ? "true" : term.value;
  }
  if (words.length > 0) {
    if ("q" in query) words.unshift(query.q ?? "");
    query.q = words.join(" ");
  }
  return { terms: found, query, problems: found.flatMap((term) => term.problem ?? []) };
}

/**
 * The line with one term set, or taken out.
 *
 * @param {string} text
 * @param {string} key
 * @param {string | number | null} value
 */
export function withTerm(text, key, value) {
  const kept = terms(text)
    .filter((term) => term.key !== key)
    .map((term) => text.slice(term.from, term.to));
  if (value !== null) kept.push(`${key}:${quote(String(value))}`);
  return kept.join(" ");
}

/**
 * The word under the caret: what is typed so far, and where a completion goes.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {{ key: string | null, typed: string, from: number, to: number }} key null while the word before the colon is typed
 */
export function wordAt(text, caret) {
  for (const term of terms(text)) {
    if (caret < term.from || caret > term.to) continue;
    const raw = text.slice(term.from, caret);
    if (!term.key) return { key: null, typed: unquoted(raw), from: term.from, to: term.to };
    return { key: term.key, typed: unquoted(raw.slice(term.key.length + 1)), from: term.from, to: term.to };
  }
  return { key: null, typed: "", from: caret, to: caret };
}
