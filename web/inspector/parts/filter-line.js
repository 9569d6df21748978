// The line in which one says which packets one wants, with completion for its words and for the tape's names.

import { ask, get, isGone } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { keys, parse, quote, wordAt } from "../core/filter.js";

/** @typedef {{ text: string, insert: string, about: string }} Choice */

/** @type {Map<string, Promise<string[]>>} names of the tape, asked for once in a while */
const names = new Map();

/** @param {string} key */
function namesFor(key) {
  const known = names.get(key);
  if (known) return known;
  /** @type {Record<string, () => Promise<string[]>>} */
  const sources = {
    event: async () => (await get("events", { limit: 1000 })).items.map((/** @type {any} */ row) => row.event),
    room: async () => (await get("rooms", { limit: 500 })).items.map((/** @type {any} */ row) => row.room),
    ns: async () => (await ask("SELECT DISTINCT namespace FROM sessions LIMIT 200")).rows.map((row) => String(row[0])),
    session: async () => (await ask("SELECT id FROM sessions ORDER BY id DESC LIMIT 200")).rows.map((row) => String(row[0])),
    run: async () => (await ask("SELECT id FROM runs ORDER BY id DESC LIMIT 50")).rows.map((row) => String(row[0])),
  };
  const asked = sources[key]?.() ?? Promise.resolve([]);
  names.set(key, asked);
  asked.catch(() => undefined).then(() => setTimeout(() => names.delete(key), 10_000));
  return asked;
}

/**
 * @param {{ value: string, onChange: (text: string) => void, placeholder?: string }} options `onChange`: Enter, or a pause after typing
 */
export function filterLine({ value, onChange, placeholder = "event:\"chat message\" dir:in ack:>100ms hello" }) {
  const input = el("input", {
    type: "text", class: "filter-input", value, placeholder, spellcheck: "false", autocomplete: "off", autocapitalize: "off", role: "combobox",
    "data-filter": "", aria: { label: "Filter packets", autocomplete: "list", expanded: "false", controls: "filter-choices", describedby: "filter-problem" },
  });
  const list = el("ul", { class: "choices", id: "filter-choices", role: "listbox", hidden: true, aria: { label: "Completions" } });
  const problem = el("p", { class: "filter-problem", id: "filter-problem", role: "status" });
  const clear = el("button", { type: "button", class: "quiet clear", aria: { label: "Clear the filter" }, hidden: value === "", on: { click: () => set("") } }, "×");
  const element = el("div", { class: "filter", role: "search" }, el("span", { class: "filter-mark", aria: { hidden: "true" } }, "/"), input, clear, list, problem);

  /** @type {Choice[]} */
  let choices = [];
  let active = -1;
  let timer = 0;

  /** @param {string} text */
  function set(text) {
    input.value = text;
    clear.hidden = text === "";
    say();
    hide();
    onChange(text);
  }

  function say() {
    const { problems } = parse(input.value);
    problem.textContent = problems[0] ?? "";
    input.setAttribute("aria-invalid", String(problems.length > 0));
  }

  function hide() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function complete() {
    const word = wordAt(input.value, input.selectionStart ?? input.value.length);
    const found = await matching(word.key, word.typed).catch((error) => {
      if (!isGone(error)) return [];
      throw error;
    });
    // Typed on meanwhile?
    const now = wordAt(input.value, input.selectionStart ?? 0);
    if (document.activeElement !== input || now.key !== word.key || now.typed !== word.typed) return;
    choices = found;
    active = -1;
    fill(list, choices.map((choice, index) =>
      el("li", { role: "option", id: `choice-${index}`, aria: { selected: "false" }, on: { mousedown: (/** @type {Event} */ event) => (event.preventDefault(), take(index)) } },
        el("b", null, choice.text), el("span", null, choice.about))));
    list.hidden = choices.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  /** @param {number} index */
  function take(index) {
    const choice = choices[index];
    if (!choice) return;
    const { from, to } = wordAt(input.value, input.selectionStart ?? input.value.length);
    const rest = input.value.slice(to);
    const ended = choice.insert.endsWith(":") ? choice.insert : `${choice.insert} `;
    input.value = input.value.slice(0, from) + ended + rest.replace(/^ /, "");
    const caret = from + ended.length;
    input.setSelectionRange(caret, caret);
    clear.hidden = false;
    if (choice.insert.endsWith(":")) complete();
    else {
      hide();
      changed(0);
    }
  }

  /** @param {number} by */
  function move(by) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (active + by + choices.length + 1) % (choices.length + 1);
    if (active === choices.length) active = -1;
    const chosen = list.children[active];
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} pause */
  function changed(pause) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      say();
      if (parse(input.value).problems.length === 0) onChange(input.value.trim());
    }, pause);
  }

  input.addEventListener("input", () => {
    clear.hidden = input.value === "";
    complete();
    changed(350);
  });
  input.addEventListener("focus", () => complete());
  input.addEventListener("blur", hide);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !list.hidden) move(1);
    else if (event.key === "ArrowUp" && !list.hidden) move(-1);
    else if (event.key === "Tab" && !event.shiftKey && !list.hidden && (active >= 0 || wordAt(input.value, input.selectionStart ?? 0).typed)) take(Math.max(0, active));
    else if (event.key === "Enter") {
      if (active >= 0) take(active);
      else {
        hide();
        changed(0);
      }
    } else if (event.key === "Escape" && !list.hidden) hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  say();
  return {
    element,
    /** @param {string} text */
    show(text) {
      if (document.activeElement === input && input.value.trim() === text) return;
      input.value = text;
      clear.hidden = text === "";
      say();
    },
  };
}

/**
 * @param {string | null} key
 * @param {string} typed
 * @returns {Promise<Choice[]>}
 */
async function matching(key, typed) {
  const wanted = typed.toLowerCase();
  if (key === null) {
    return Object.entries(keys)
      .filter(([name]) => name.startsWith(wanted))
      .map(([name, { about }]) => ({ text: `${name}:`, insert: `${name}:`, about }));
  }
  const words = keys[key]?.words ?? (await namesFor(key));
  const [starting, containing] = [[], []].map(() => /** @type {string[]} */ ([]));
  for (const word of words) {
    const place = word.toLowerCase().indexOf(wanted);
    if (place === 0) starting?.push(word);
    else if (place > 0) containing?.push(word);
  }
  return [...(starting ?? []), ...(containing ?? [])]
    .filter((word) => word !== typed)
    .slice(0, 50)
    .map((word) => ({ text: word, insert: `${key}:${quote(word)}`, about: "" }));
}
