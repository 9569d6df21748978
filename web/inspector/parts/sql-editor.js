// A field for SQL with colours behind the letters, and completion of the views' names and columns.

import { el, fill } from "../core/dom.js";

const words = "select from where and or not in is null as on join left right inner outer cross group by order having limit offset distinct union all case when then else end with recursive over partition filter between like exists asc desc count sum avg min max cast values using collate glob";
const keywords = new Set(words.split(" "));
const token = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)|([\s\S])/g;

/**
 * @param {{ value: string, onRun: () => void, onChange: (text: string) => void, names: () => string[] }} options
 */
export function sqlEditor({ value, onRun, onChange, names }) {
  const area = el("textarea", { class: "sql-text", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "soft", rows: "8", "data-filter": "", aria: { label: "SQL" } });
  const back = el("pre", { class: "sql-back", aria: { hidden: "true" } });
  const list = el("ul", { class: "choices sql-choices", role: "listbox", aria: { label: "Completions" }, hidden: true });
  const element = el("div", { class: "sql-editor" }, back, area, list);
  let active = -1;
  /** @type {string[]} */
  let found = [];

  function paint() {
    const parts = [];
    for (const [text, comment, string, number, word] of area.value.matchAll(token)) {
      const kind = comment ? "comment" : string ? "string" : number ? "number" : word && keywords.has(word.toLowerCase()) ? "keyword" : "";
      parts.push(kind ? el("span", { class: `sql-${kind}` }, text) : text);
    }
    fill(back, parts, "\n");
    area.style.setProperty("height", "0");
    area.style.setProperty("height", `${Math.max(160, Math.min(area.scrollHeight + 4, 360))}px`);
    back.scrollTop = area.scrollTop;
  }

  const typed = () => /[A-Za-z_]\w*$/.exec(area.value.slice(0, area.selectionStart))?.[0] ?? "";

  function complete() {
    const word = typed();
    const wanted = word.toLowerCase();
    found = word.length < 2 ? [] : names().filter((name) => name.startsWith(wanted) && name !== wanted).slice(0, 8);
    active = found.length > 0 ? 0 : -1;
    draw();
  }

  function draw() {
    list.hidden = found.length === 0;
    fill(list, found.map((name, index) => el("li", { role: "option", aria: { selected: index === active }, on: { mousedown: (/** @type {Event} */ event) => (event.preventDefault(), take(index)) } }, el("b", null, name))));
  }

  /** @param {number} index */
  function take(index) {
    const name = found[index];
    if (!name) return;
    insert(name.slice(typed().length));
    found = [];
    draw();
  }

  /** @param {string} text */
  function insert(text) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    paint();
    onChange(area.value);
  }

  area.addEventListener("input", () => {
    paint();
    complete();
    onChange(area.value);
  });
  area.addEventListener("scroll", () => (back.scrollTop = area.scrollTop));
  area.addEventListener("blur", () => {
    found = [];
    draw();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onRun();
    else if (found.length > 0 && event.key === "Tab") take(active);
    else if (found.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      draw();
    } else if (found.length > 0 && event.key === "Escape") {
      found = [];
      draw();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });
  area.value = value;
  queueMicrotask(paint);
  return {
    element,
    area,
    get value() {
      return area.value;
    },
    /** @param {string} text */
    set(text) {
      area.value = text;
      paint();
    },
    insert,
  };
}
