/**
 * @typedef {object} Address
 * @property {string} id What one connection may be shared by: scheme, host and port.
 * @property {string} source The address as it was given, completed by the page's.
 * @property {string} host
 * @property {string} port
 * @property {boolean} secure
 * @property {string} path The namespace, "/" where none is named.
 * @property {Record<string, string>} query
 */

/**
 * Reads what `io(url)` was given. Without an address it is the page's own; "/chat" is a namespace on the page's host.
 * @param {string} [uri]
 * @param {{protocol: string, host: string}} [page]
 * @returns {Address}
 */
export function parseAddress(uri, page = globalThis.location) {
  let source = uri ?? "";
  if (!/^(https?|wss?):\/\//i.test(source)) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) throw new Error(`"${uri}" is no address for Socket.IO: use http, https, ws or wss`);
    const local = source === "" || /^\/(?!\/)|^\?/.test(source);
    if (!page?.host && local) throw new Error("io() needs an address here, such as io(\"http://localhost:3000\"): there is no page to take it from");
    const protocol = page?.protocol ?? "https:";
    source = local ? `${protocol}//${page?.host}${source}` : `${protocol}//${source.replace(/^\/\//, "")}`;
  }
  const [, scheme, authority, path, query] = /** @type {string[]} */ (/^(\w+):\/\/([^/?#]*)([^?#]*)\??([^#]*)/.exec(source));
  const secure = /^(http|ws)s$/i.test(scheme);
  const { hostname, port: explicit } = new URL(`${secure ? "https" : "http"}://${authority}`);
  const port = explicit || (secure ? "443" : "80");
  return {
    id: `${scheme.toLowerCase()}://${hostname}:${port}`,
    source,
    host: hostname,
    port,
    secure,
    path: path || "/",
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** @param {Record<string, any>} query */
export function encodeQuery(query) {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
}
