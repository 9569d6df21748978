// JSON as a tree that opens and closes. A click on a value chooses its path, which rules for replay are made of.

import { el } from "../core/dom.js";
import { placeholder } from "../core/json.js";

/** @typedef {import("../core/json.js").Node} Node */

const LONG = 200; // children or letters that are shown at once

/**
 * @param {Node} root
 * @param {{ path?: string, onChoose?: (path: string, node: Node) => void, attachment?: (index: number) => string }} [options]
 */
export function jsonView(root, options = {}) {
  const { path = "$", onChoose, attachment } = options;
  /** @type {HTMLElement | null} */
  let chosen = null;
  let lines = 0; // that are open from the beginning

  /**
   * @param {Node} node
   * @param {string} at its path
   * @returns {HTMLElement}
   */
  function leaf(node, at) {
    const kind = node.kind === "word" ? (node.text === "null" ? "null" : "boolean") : node.kind;
    const text = node.kind === "string" ? JSON.stringify(node.value) : node.kind === "number" || node.kind === "word" ? node.text : "";
    const made = el("button", { type: "button", class: `json-${kind}`, title: at, on: { click: () => choose(made, at, node) } }, shortened(text));
    return made;
  }

  /** @param {string} text */
  const shortened = (text) => (text.length > 20 * LONG ? `${text.slice(0, 20 * LONG)}… (${text.length} letters)` : text);

  /**
   * @param {HTMLElement} made
   * @param {string} at
   * @param {Node} node
   */
  function choose(made, at, node) {
    chosen?.classList.remove("chosen");
    chosen = made;
    made.classList.add("chosen");
    onChoose?.(at, node);
  }

  /**
   * @param {Node} node
   * @param {string} at
   * @param {HTMLElement | null} label
   * @param {number} depth
   * @returns {HTMLElement}
   */
  function branch(node, at, label, depth) {
    const number = placeholder(node);
    if (number !== null && attachment) return el("div", { class: "json-line" }, label, el("span", { class: "json-binary" }, attachment(number)));
    if (node.kind !== "object" && node.kind !== "array") return el("div", { class: "json-line" }, label, leaf(node, at));
    /** @type {[string | null, string, Node][]} */
    const children = node.kind === "object"
      ? node.entries.map(([key, value]) => [key, `${at}${/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}`, value])
      : node.items.map((item, index) => [null, `${at}[${index}]`, item]);
    const [open, close] = node.kind === "object" ? "{}" : "[]";
    if (children.length === 0) return el("div", { class: "json-line" }, label, el("span", { class: "json-mark" }, `${open}${close}`));
    const body = el("div", { class: "json-children" });
    const details = el("details", { class: "json-branch" },
      el("summary", null, label, el("span", { class: "json-mark" }, `${open}`), el("span", { class: "json-count" }, `${children.length}${close}`)), body);
    let shown = 0;
    const more = () => {
      const part = children.slice(shown, shown + LONG).map(([key, place, child], index) =>
        branch(child, place, el("span", { class: key === null ? "json-index" : "json-key" }, key === null ? String(shown + index) : JSON.stringify(key).slice(1, -1), ": "), depth + 1));
      shown += part.length;
      body.append(...part);
      if (shown < children.length) {
        const next = el("button", { type: "button", class: "quiet", on: { click: () => (next.remove(), more()) } }, `${children.length - shown} more`);
        body.append(next);
      }
    };
    details.addEventListener("toggle", () => details.open && shown === 0 && more());
    if (depth < 8 && children.length <= LONG && (lines += children.length) <= 2 * LONG) {
      details.open = true;
      more();
    }
    return details;
  }

  return el("div", { class: "json" }, branch(root, path, null, 0));
}
