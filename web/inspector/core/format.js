// Numbers and times for the eye. All of them keep their width while they change: tabular digits, fixed fractions.

const group = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** @param {number} value 12 345 */
export const count = (value) => group.format(value).replaceAll(",", "\u202f");

/** @param {number} value 12.3k for narrow places */
export function shortCount(value) {
  if (value < 1000) return String(Math.round(value * 10) / 10);
  for (const [size, letter] of /** @type {const} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]])) {
    if (value >= size) return `${(value / size).toFixed(value < 10 * size ? 1 : 0)}${letter}`;
  }
  return String(value);
}

/**
 * @param {number} value
 * @param {string} word in the singular
 * @param {string} [plural]
 */
export const counted = (value, word, plural = `${word}s`) => `${count(value)} ${value === 1 ? word : plural}`;

/** @param {number | null | undefined} value */
export function bytes(value) {
  if (value === null || value === undefined) return "";
  if (value < 1000) return `${value}\u202fB`;
  const unit = value < 1e6 ? 1e3 : value < 1e9 ? 1e6 : 1e9;
  return `${(value / unit).toFixed(value < 100 * unit ? 1 : 0)}\u202f${unit === 1e3 ? "kB" : unit === 1e6 ? "MB" : "GB"}`;
}

/**
 * A span of time with about three digits.
 *
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const value = Math.abs(milliseconds);
  if (value < 1) return `${Math.round(value * 1000)}\u202fµs`;
  if (value < 100) return `${value.toFixed(1)}\u202fms`;
  if (value < 1000) return `${Math.round(value)}\u202fms`;
  if (value < 60_000) return `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)}\u202fs`;
  const seconds = Math.round(value / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days}\u202fd ${hours}\u202fh`;
  if (hours > 0) return `${hours}\u202fh ${minutes}\u202fmin`;
  return `${minutes}\u202fmin ${seconds % 60}\u202fs`;
}

/** @param {string} iso @returns {number} microseconds since 1970; the API's times have six digits */
export function microseconds(iso) {
  const match = /^(.*?)(?:\.(\d{1,6})\d*)?Z$/.exec(iso);
  return match ? Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? "").padEnd(6, "0")) : Date.parse(iso) * 1000;
}

/** @param {number} micros @returns {string} as the API writes it */
export function iso(micros) {
  const seconds = Math.floor(micros / 1e6);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(Math.round(micros - seconds * 1e6)).padStart(6, "0")}Z`;
}

const two = (/** @type {number} */ value) => String(value).padStart(2, "0");

/**
 * The reader's own clock.
 *
 * @param {number} micros
 * @param {number} [digits] of the second's fraction
 */
export function clock(micros, digits = 3) {
  const date = new Date(Math.floor(micros / 1000));
  const fraction = String(Math.floor(((micros % 1e6) + 1e6) % 1e6)).padStart(6, "0").slice(0, digits);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${digits ? `.${fraction}` : ""}`;
}

/** @param {number} micros */
export function day(micros) {
  return new Date(micros / 1000).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
}

/** @param {number} micros */
export const moment = (micros) => `${day(micros)}, ${clock(micros)}`;

/**
 * A time on an axis of a given span.
 *
 * @param {number} micros
 * @param {number} span in microseconds
 */
export function tick(micros, span) {
  if (span > 2 * 86_400e6) return new Date(micros / 1000).toLocaleDateString("en", { day: "numeric", month: "short" });
  if (span > 300e6) return clock(micros, 0).slice(0, 5);
  return clock(micros, span > 5e6 ? 0 : span > 50_000 ? 3 : 6);
}

/**
 * Any value in one line.
 *
 * @param {unknown} value
 */
export function line(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The arguments of a packet in one line, without the event's name that stands beside it.
 *
 * @param {import("./types.js").Packet} packet
 */
export function args(packet) {
  const { data, event } = packet;
  if (data === null || data === undefined) return "";
  if (Array.isArray(data)) {
    const values = event !== null ? data.slice(1) : data;
    return values.map(compact).join(", ");
  }
  return typeof data === "string" ? data : JSON.stringify(data);
}

/**
 * JSON in one line, in which attachments are named.
 *
 * @param {unknown} value
 */
function compact(value) {
  const text = JSON.stringify(value);
  return text.includes('"_placeholder":true') ? text.replace(/\{"_placeholder":true,"num":(\d+)\}/g, "‹attachment $1›") : text;
}

/**
 * What stands for a packet where there is room for one word.
 *
 * @param {import("./types.js").Packet} packet
 */
export const name = (packet) => packet.event ?? packet.type;

/** @param {string | null} sid the first letters of a socket's id, enough to know it again */
export const shortID = (sid) => (sid === null ? "" : sid.length > 8 ? sid.slice(0, 6) : sid);
