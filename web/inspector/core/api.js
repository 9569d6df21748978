// Asking the inspection API: the token, its problem documents, and what to do while the server is away.

/** @typedef {import("./types.js").Table} Table */

export const base = "/inspect/api/";

/** What the API answered with, in its own words. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Tells the page how it stands with the server: "here", "away" or "locked" (a token is wanted). */
export const server = new (class extends EventTarget {
  /** @type {"here" | "away" | "locked"} */
  state = "here";

  /** @param {"here" | "away" | "locked"} state */
  set(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
})();

/** @returns {Record<string, string>} */
export function authorization() {
  const token = storedToken();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

let token = "";

function storedToken() {
  try {
    return sessionStorage.getItem("tapedeck.token") ?? token;
  } catch {
    return token; // storage is forbidden here; the token lasts as long as the page
  }
}

/** @param {string} value */
export function keepToken(value) {
  token = value;
  try {
    sessionStorage.setItem("tapedeck.token", value);
  } catch {
    // as above
  }
}

/** Long waits end the ways of the page to the server; this many at a time leaves room for the live stream. */
const ATTEMPT_PAUSE = 1000;

/**
 * One request; waits for the server as long as it is away.
 *
 * @param {string} path below /inspect/api/, or the whole of it
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function request(path, query = {}, signal) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  const url = `${path.startsWith("/") ? path : base + path}${[...search].length ? `?${search}` : ""}`;
  for (;;) {
    const response = await attempt(url, signal);
    if (response) {
      if (response.ok) return response;
      const problem = await response.json().catch(() => ({}));
      throw new Problem(response.status, problem.detail ?? `The server answered ${response.status}.`);
    }
    await back(signal);
  }
}

/**
 * Nothing if the server could not be reached, or wants a token.
 *
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 */
async function attempt(url, signal) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { headers: authorization(), signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    server.set("away");
    return null;
  }
  if (response.status === 401) server.set("locked");
  else if ([502, 504].includes(response.status)) server.set("away");
  else {
    server.set("here");
    return response;
  }
  return null;
}

/**
 * Until it is worth trying again.
 *
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
export function back(signal) {
  return new Promise((resolve, reject) => {
    const timer = server.state === "locked" ? undefined : setTimeout(done, ATTEMPT_PAUSE);
    function done() {
      clearTimeout(timer);
      server.removeEventListener("change", done);
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      done();
      reject(signal?.reason);
    }
    server.addEventListener("change", done);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
  });
}

/**
 * @template T
 * @param {string} path
 * @param {Parameters<typeof request>[1]} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function get(path, query, signal) {
  return exact(await (await request(path, query, signal)).text());
}

/**
 * JSON whose whole numbers keep their digits where a JavaScript number would not, as far as the browser can do that.
 *
 * @param {string} text
 */
export function exact(text) {
  const { rawJSON } = /** @type {{ rawJSON?: (text: string) => unknown }} */ (/** @type {unknown} */ (JSON));
  if (!rawJSON || !/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, /** @type {any} */ ((/** @type {string} */ _, /** @type {unknown} */ value, /** @type {{ source?: string }} */ context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? rawJSON(context.source ?? "") : value));
}

/**
 * A question in SQL.
 *
 * @param {string} sql
 * @param {AbortSignal} [signal]
 * @returns {Promise<Table>}
 */
export const ask = (sql, signal) => get("sql", { q: sql }, signal);

/**
 * The same, a row as an object.
 *
 * @param {string} sql
 * @param {AbortSignal} [signal]
 * @returns {Promise<Record<string, any>[]>}
 */
export async function askRows(sql, signal) {
  const { columns, rows } = await ask(sql, signal);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}

/** @param {string} text as an SQL string */
export const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

/** @param {unknown} error whether it only says that a view has gone */
export const isGone = (error) => error instanceof DOMException && error.name === "AbortError";
