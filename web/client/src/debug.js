/**
 * What happens, on the console, for who asks: `io.debug(true)`, or as with the official client `localStorage.debug = "*"` (in Node DEBUG=*).
 * Names may be chosen: `engine.io-client`, `socket.io-client`, with `*` for any letters and commas between them.
 * @type {RegExp | undefined}
 */
let wanted;

/** @param {boolean | string | null | undefined} what All, names that match, or nothing. */
export function debug(what) {
  const names = what === true ? "*" : what || "";
  const patterns = names.split(/[\s,]+/).filter(Boolean).map((name) => name.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*"));
  // "engine.io-client:*" is how the official client's names end.
  wanted = patterns.length ? new RegExp(`^(${patterns.join("|")}):?$`) : undefined;
}

/** @param {string} name @param {...any} what */
export function tell(name, ...what) {
  if (wanted && (wanted.test(name) || wanted.test(`${name}:`))) console.debug(name, ...what);
}

try {
  debug(globalThis.localStorage ? localStorage.debug : /** @type {any} */ (globalThis).process?.env.DEBUG);
} catch {
  // A page may be kept from its storage.
}
