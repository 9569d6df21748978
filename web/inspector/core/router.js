// Addresses: everything behind the # is a path and a query, so that reload, back and a link in a chat keep the place.

/** @typedef {import("./types.js").Place} Place */

/** @returns {Place} what the address names now */
export function place() {
  const [path, query] = split(location.hash.replace(/^#\/?/, ""));
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

/** @param {string} text */
function split(text) {
  const mark = text.indexOf("?");
  return mark < 0 ? [text, ""] : [text.slice(0, mark), text.slice(mark + 1)];
}

/** @param {string} text a mistyped address is no reason to fail */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The address of a place, for links.
 *
 * @param {(string | number)[]} path
 * @param {Record<string, string | number | null | undefined> | URLSearchParams} [query] empty values are left out
 */
export function address(path, query = {}) {
  const pairs = query instanceof URLSearchParams ? [...query] : Object.entries(query);
  const kept = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([key, value]) => [key, String(value)]);
  const text = new URLSearchParams(kept).toString();
  return `#/${path.map((part) => encodeURIComponent(part)).join("/")}${text ? `?${text}` : ""}`;
}

/**
 * Goes to a place, as a link does.
 *
 * @param {(string | number)[]} path
 * @param {Parameters<typeof address>[1]} [query]
 */
export function go(path, query) {
  location.hash = address(path, query);
}

/**
 * Notes in the address what has changed within a view, without an entry in the history.
 *
 * @param {Record<string, string | number | null | undefined>} changes
 */
export function note(changes) {
  const { path, query } = place();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(key);
    else query.set(key, String(value));
  }
  const target = address(path, query);
  if (target !== location.hash) history.replaceState(null, "", target);
}

/** @param {(place: Place) => void} listener */
export function onPlace(listener) {
  addEventListener("hashchange", () => listener(place()));
}
