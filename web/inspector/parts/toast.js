// A short word at the edge of the page that goes by itself.

import { button, el, fill } from "../core/dom.js";

const place = el("div", { class: "toast", role: "status", hidden: true });
let timer = 0;

/**
 * @param {string} text
 * @param {boolean} [stays] until it is closed
 */
export function say(text, stays = false) {
  if (!place.isConnected) document.body.append(place);
  clearTimeout(timer);
  fill(place, stays ? el("pre", null, text) : text, stays && button("Close", () => (place.hidden = true)));
  place.hidden = false;
  if (!stays) timer = setTimeout(() => (place.hidden = true), 2500);
}
