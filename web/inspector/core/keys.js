// The keyboard: one list of what the keys do, for the page and for its help.

import { button, el } from "./dom.js";
import { go } from "./router.js";

/** @type {[string, string][]} */
const help = [
  ["j / k, ↓ / ↑", "next, previous"],
  ["Enter", "open what is chosen"],
  ["Esc", "close the detail, leave the field"],
  ["/", "to the filter line"],
  ["Space", "pause or go on with the live tail"],
  ["g then t p s r a e q d", "Timeline, Packets, Sessions, Rooms, Acks, Events, SQL, Differences (replay)"],
  ["+ / −, 0", "zoom the timeline; back to the middle"],
  ["Home / End", "to the beginning, to the end"],
  ["Ctrl Enter", "run the SQL"],
  ["?", "this list"],
];

/** @type {Record<string, string>} */
const places = { t: "timeline", p: "packets", s: "sessions", r: "rooms", a: "acks", e: "events", q: "sql", d: "replay" };

const dialog = el("dialog", { class: "help", aria: { label: "Keyboard" } });

export function showHelp() {
  dialog.replaceChildren(
    el("h2", null, "Keyboard"),
    el("dl", null, help.flatMap(([keys, about]) => [el("dt", null, el("kbd", null, keys)), el("dd", null, about)])),
    button("Close", () => dialog.close(), { autofocus: true }),
  );
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.showModal();
}

/** @param {EventTarget | null} target whether it takes letters itself */
export const isTyping = (target) =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox");

/**
 * @param {() => import("./types.js").View | null} view the one that is shown
 */
export function watchKeys(view) {
  let isGoing = false;
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    if (event.ctrlKey) return;
    // A button or a link that has the focus takes its own keys.
    if ((event.key === " " || event.key === "Enter") && event.target instanceof Element && event.target.closest("button, a, summary")) return;
    const place = isGoing ? places[event.key] : undefined;
    isGoing = false;
    if (place) go([place]);
    else if (view()?.key?.(event)) void 0;
    else if (event.key === "g") isGoing = true;
    else if (event.key === "?") showHelp();
    else if (event.key === "/") /** @type {HTMLElement | null} */ (document.querySelector("#view [data-filter]"))?.focus();
    else return;
    event.preventDefault();
  });
}
