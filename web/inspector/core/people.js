// Whom a session belongs to, as far as its handshake tells.

import { shortID } from "./format.js";

const words = ["user", "username", "userName", "nickname", "nick", "name", "email", "login", "userId", "user_id", "id"];

/**
 * @param {unknown} auth of a session, parsed or as text
 * @param {string | null} sid
 * @returns {string} a name, else the beginning of the socket's id
 */
export function who(auth, sid) {
  const value = typeof auth === "string" ? parsed(auth) : auth;
  for (const word of words) {
    const found = value && typeof value === "object" ? /** @type {Record<string, unknown>} */ (value)[word] : undefined;
    if (typeof found === "string" && found !== "" && !found.startsWith("redacted-")) return found.slice(0, 40);
    if (typeof found === "number") return String(found);
    if (found && typeof found === "object") {
      const inner = who(found, null);
      if (inner !== "") return inner;
    }
  }
  return shortID(sid);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not JSON: it names nobody
  }
}
