// SQL: ask the tape itself. The query stands in the address, so a link carries the question.

import { ask, isGone, request } from "../core/api.js";
import { button, el, fill } from "../core/dom.js";
import { count, counted, duration } from "../core/format.js";
import { questions } from "../core/questions.js";
import { address, go, place as now } from "../core/router.js";
import { tableChart } from "../parts/charts.js";
import { empty, failure, loading } from "../parts/empty.js";
import { sqlEditor } from "../parts/sql-editor.js";
import { say } from "../parts/toast.js";
import { cells, VirtualList } from "../parts/virtual-list.js";

/** @typedef {import("../core/types.js").Table} Table */

const first = "SELECT event, packets_in, packets_out, bytes\nFROM event_totals\nORDER BY bytes DESC\nLIMIT 20";

/**
 * @param {HTMLElement} root
 * @param {import("../core/types.js").Place} place
 * @returns {import("../core/types.js").View}
 */
export function sqlView(root, place) {
  let stop = new AbortController();
  /** @type {Table | null} */
  let table = null;
  /** @type {Map<string, string[]>} */
  const views = new Map();
  const editor = sqlEditor({ value: place.query.get("q") ?? first, onRun: run, onChange: () => undefined, names: () => [...new Set([...views.keys(), ...[...views.values()].flat()])] });
  const state = el("p", { class: "state", role: "status" });
  const body = el("div", { class: "body" }, empty("Ask the tape", "Write a SELECT over the views at the side, or take one of the worked questions. Only reading is possible."));
  const schema = el("div", null, loading());
  const modes = el("span", { class: "modes", role: "group", aria: { label: "Show as" } },
    ...["table", "chart"].map((mode) => button(mode === "table" ? "Table" : "Chart", () => go(["sql"], { q: editor.value, as: mode === "chart" ? mode : null }), { data: { mode } })));
  const picker = el("select", { aria: { label: "Worked questions" }, on: { change: pick } }, el("option", { value: "" }, "Worked questions…"),
    [...new Set(questions.map(({ group }) => group))].map((group) => el("optgroup", { label: group },
      questions.map((question, index) => question.group === group && el("option", { value: String(index) }, `${index + 1}. ${question.title}`)))));
  const about = el("p", { class: "about soft" });
  fill(root,
    el("div", { class: "bar" }, el("h1", null, "SQL"), picker, modes),
    el("div", { class: "split" },
      el("div", { class: "pane" },
        el("div", { class: "sql-top" }, editor.element, about,
          el("div", { class: "buttons" }, button("Run", run, { class: "primary", title: "Ctrl Enter" }),
            button("Copy link", copyLink), ...["csv", "ndjson", "json"].map((format) => button(format.toUpperCase(), () => save(format), { data: { export: format }, title: `Save all rows as ${format.toUpperCase()}` })))),
        body, state),
      el("aside", { class: "side schema scroll" }, el("h2", null, "Views"), schema)));

  function pick() {
    const question = questions[Number(picker.value)];
    if (!question || picker.value === "") return;
    picker.value = "";
    go(["sql"], { q: question.sql });
  }

  function run() {
    const { query } = now();
    if (query.get("q") === editor.value) answer(editor.value, query.get("as") === "chart");
    else go(["sql"], { q: editor.value, as: query.get("as") });
  }

  /** @param {string} sql @param {boolean} asChart */
  async function answer(sql, asChart) {
    stop.abort();
    stop = new AbortController();
    fill(body, loading());
    state.textContent = "";
    const from = performance.now();
    try {
      table = await ask(sql, stop.signal);
      const took = performance.now() - from;
      draw(table, asChart);
      state.textContent = `${counted(table.rows.length, "row")}${table.truncated ? " (there are more: the limits of rows and bytes were reached)" : ""} in ${duration(took)}`;
    } catch (error) {
      if (!isGone(error)) fill(body, failure(error));
    }
  }

  /** @param {Table} found @param {boolean} asChart */
  function draw(found, asChart) {
    const chart = asChart ? tableChart(found) : null;
    if (found.rows.length === 0) fill(body, empty("No row", "The question was understood; nothing on the tape answers it."));
    else if (chart) fill(body, el("div", { class: "scroll" }, chart));
    else if (asChart) fill(body, empty("Nothing to draw", "A chart wants at least one column of numbers."));
    else fill(body, el("div", { class: "table sql-table" }, resultTable(found).element));
  }

  /** @param {string} format */
  async function save(format) {
    try {
      const response = await request("sql", { q: editor.value, format });
      const link = el("a", { href: URL.createObjectURL(await response.blob()), download: `tapedeck.${format}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      fill(body, failure(error));
    }
  }

  async function copyLink() {
    const link = `${location.origin}${location.pathname}${address(["sql"], { q: editor.value, as: now().query.get("as") })}`;
    await navigator.clipboard.writeText(link).then(() => say("Link copied"), () => say(link, true));
  }

  async function loadSchema() {
    const { rows } = await ask("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name");
    const found = await Promise.all(rows.map(async ([name]) => /** @type {const} */ ([String(name), (await ask(`SELECT * FROM "${name}" LIMIT 0`)).columns])));
    for (const [name, columns] of found) views.set(name, columns);
    fill(schema, [...views].map(([name, columns]) => el("details", { open: ["packets", "sessions", "acks"].includes(name) },
      el("summary", null, button(name, () => editor.insert(name), { class: "link", title: "Put it into the query" })),
      el("ul", null, columns.map((column) => el("li", null, button(column, () => editor.insert(column), { class: "link column" })))))));
  }

  /** @param {import("../core/types.js").Place} at */
  function show(at) {
    const sql = at.query.get("q");
    const asChart = at.query.get("as") === "chart";
    for (const mode of modes.children) if (mode instanceof HTMLElement) mode.setAttribute("aria-pressed", String((mode.dataset.mode === "chart") === asChart));
    if (sql !== null && sql !== editor.value) editor.set(sql);
    about.textContent = questions.find((question) => question.sql === sql)?.about ?? "";
    if (sql !== null) answer(sql, asChart);
  }

  loadSchema().catch((error) => fill(schema, failure(error)));
  show(place);
  return {
    show,
    close: () => stop.abort(),
  };
}

/** @param {Table} found */
function resultTable({ columns, rows }) {
  const widths = columns.map((column, index) => Math.min(40, Math.max(column.length, ...rows.slice(0, 100).map((row) => shown(row[index]).length)) + 2));
  const template = widths.map((width) => (width >= 30 ? `minmax(${width}ch, 1fr)` : `${width}ch`)).join(" ");
  const isNumber = columns.map((_, index) => rows.every((row) => row[index] === null || typeof row[index] === "number"));
  /** @type {VirtualList<Table["rows"][number]>} */
  const list = new VirtualList({
    label: "Result",
    header: el("div", { class: "row", role: "row", style: { "grid-template-columns": template } }, cells(columns.map((column, index) => ({ class: isNumber[index] ? "number" : "", content: column })), "columnheader")),
    rowHeight: 27,
    render(row, line) {
      line.style.setProperty("grid-template-columns", template);
      line.append(...cells(row.map((value, index) => link(columns[index] ?? "", value, isNumber[index] ?? false))));
    },
    onSelect: (row) => say(columns.map((column, index) => `${column}: ${shown(row[index])}`).join("\n"), true),
    onMove: () => undefined,
  });
  queueMicrotask(() => list.show(rows));
  return list;
}

/** @param {string | number | null | undefined} value */
const shown = (value) => (value === null || value === undefined ? "" : typeof value === "number" && Number.isInteger(value) ? count(value) : String(value));

/**
 * Ids lead to what they name.
 *
 * @param {string} column
 * @param {string | number | null} value
 * @param {boolean} isNumber
 */
function link(column, value, isNumber) {
  const kind = isNumber ? "number" : "";
  if (value === null) return { class: `${kind} null`, content: "null" };
  const id = typeof value === "number" ? value : NaN;
  if (column === "session_id") return { class: kind, content: el("a", { href: address(["sessions", id]), tabindex: "-1" }, String(value)) };
  if (["packet_id", "request_id", "response_id"].includes(column)) return { class: kind, content: el("a", { href: address(["packets"], { at: id, packet: id }), tabindex: "-1" }, String(value)) };
  return { class: kind, content: /(_us|^id|_id)$/.test(column) ? String(value) : shown(value), title: String(value).slice(0, 500) };
}
