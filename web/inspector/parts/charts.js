// Small drawings of numbers: columns, lines, bars. Titles say what the eye cannot read off.

import { el, fill, svg } from "../core/dom.js";
import { count, shortCount } from "../core/format.js";

/**
 * Columns side by side, each of which can be chosen.
 *
 * @param {object} options
 * @param {string} options.label
 * @param {{ title: string, value: number, tick?: string, kind?: string }[]} options.columns
 * @param {(index: number) => void} [options.onPick]
 * @param {number} [options.picked]
 */
export function columns({ label, columns: all, onPick, picked = -1 }) {
  const peak = Math.max(1, ...all.map(({ value }) => value));
  return el("div", { class: "columns-chart", role: "group", aria: { label } }, all.map(({ title, value, tick, kind }, index) => {
    // The root lets a few be seen beside very many; the numbers stand above.
    const height = value === 0 ? 0 : Math.max(2, Math.sqrt(value / peak) * 100);
    const bar = el("i", { class: kind ?? null, style: { height: `${height}%` } });
    const number = el("span", { class: "value" }, value === 0 ? "" : shortCount(value));
    const text = el("span", { class: "tick" }, tick ?? "");
    return onPick
      ? el("button", { type: "button", title, aria: { label: title, pressed: index === picked }, on: { click: () => onPick(index) } }, el("span", { class: "plot" }, number, bar), text)
      : el("div", { title, role: "img", aria: { label: title } }, el("span", { class: "plot" }, number, bar), text);
  }));
}

/**
 * A line without axes, as large as a word.
 *
 * @param {number[]} values
 * @param {string} title
 */
export function sparkline(values, title) {
  const peak = Math.max(1, ...values);
  const width = 100;
  const points = values.map((value, index) => `${((index + 0.5) / values.length) * width},${24 - (value / peak) * 22}`);
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} 25`, preserveAspectRatio: "none", role: "img", "aria-label": title },
    svg("title", null, title),
    values.length > 0 && svg("path", { class: "area", d: `M0,25L${points.join("L")}L${width},25Z` }),
    values.length > 0 && svg("polyline", { points: points.join(" ") }));
}

/**
 * Names with bars beside them.
 *
 * @param {{ name: import("../core/dom.js").Child, value: number, kind?: string, title?: string }[]} all
 */
export function bars(all) {
  const peak = Math.max(1, ...all.map(({ value }) => value));
  return el("div", { class: "bar-list" }, all.flatMap(({ name, value, kind, title }) => [
    el("span", { class: "bar-name", title: title ?? null }, name),
    el("span", { class: "bar-value" }, count(value)),
    el("span", { class: "bar-line" }, el("i", { class: kind ?? null, style: { width: `${(value / peak) * 100}%` } })),
  ]));
}

/**
 * A drawing of a table's columns: the first is the axis if it is no number, the others are lines or columns.
 *
 * @param {import("../core/types.js").Table} table
 * @returns {HTMLElement | null} nothing if there is nothing to draw
 */
export function tableChart({ columns: names, rows }) {
  const numeric = names.map((_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === "number" || row[index] === null));
  const axis = numeric[0] && numeric.filter(Boolean).length > 1 && /id|at|time|us$/i.test(names[0] ?? "") ? 0 : numeric.indexOf(false);
  const drawn = names.map((_, index) => index).filter((index) => numeric[index] && index !== axis);
  if (drawn.length === 0 || rows.length === 0) return null;
  const shown = rows.slice(0, 500);
  const [width, height] = [900, 320];
  const peak = Math.max(...drawn.flatMap((index) => shown.map((row) => Number(row[index] ?? 0))), 0);
  const floor = Math.min(...drawn.flatMap((index) => shown.map((row) => Number(row[index] ?? 0))), 0);
  const y = (/** @type {number} */ value) => height - ((value - floor) / Math.max(1e-9, peak - floor)) * (height - 10);
  const isLine = shown.length > 60;
  const step = width / shown.length;
  const drawing = svg("svg", { class: "table-chart", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `Chart of ${drawn.map((index) => names[index]).join(", ")}` });
  drawn.slice(0, 6).forEach((index, series) => {
    if (isLine) {
      drawing.append(svg("polyline", { class: `series s${series}`, points: shown.map((row, at) => `${(at + 0.5) * step},${y(Number(row[index] ?? 0))}`).join(" ") }));
      return;
    }
    const room = (step * 0.8) / Math.min(6, drawn.length);
    shown.forEach((row, at) => {
      const value = Number(row[index] ?? 0);
      drawing.append(svg("rect", { class: `series s${series}`, x: at * step + step * 0.1 + series * room, width: room * 0.92, y: Math.min(y(value), y(0)), height: Math.max(1, Math.abs(y(value) - y(0))) },
        svg("title", null, `${axis >= 0 ? `${row[axis]} · ` : ""}${names[index]}: ${row[index]}`)));
    });
  });
  const place = el("figure", { class: "chart" });
  const every = Math.max(1, Math.ceil(shown.length / 12));
  fill(place,
    el("figcaption", null, drawn.slice(0, 6).map((index, series) => el("span", { class: `key s${series}` }, names[index])), shown.length < rows.length && el("span", { class: "soft" }, `the first ${shown.length} of ${rows.length} rows`)),
    el("div", { class: "chart-plot" }, el("div", { class: "chart-y" }, el("span", null, shortCount(peak)), el("span", null, shortCount(floor))), drawing),
    el("div", { class: "chart-x" }, shown.map((row, at) => el("span", null, at % every === 0 && axis >= 0 ? String(row[axis]).slice(0, 24) : ""))));
  return place;
}
