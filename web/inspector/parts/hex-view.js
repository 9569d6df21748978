// Bytes as hexadecimal digits and letters, sixteen to a line.

import { el } from "../core/dom.js";

const WIDTH = 16;

/**
 * @param {Uint8Array} data
 * @param {number} [from]
 * @param {number} [count] of bytes
 */
export function hexLines(data, from = 0, count = data.length) {
  const lines = [];
  for (let at = from; at < Math.min(data.length, from + count); at += WIDTH) {
    const part = data.subarray(at, at + WIDTH);
    const digits = Array.from(part, (byte) => byte.toString(16).padStart(2, "0"));
    const halves = [digits.slice(0, 8).join(" "), digits.slice(8).join(" ")].join("  ");
    const letters = Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${halves.padEnd(3 * WIDTH)}  ${letters}`);
  }
  return lines.join("\n");
}

/**
 * The first bytes, and more on demand.
 *
 * @param {Uint8Array} data
 * @param {number} [first]
 */
export function hexView(data, first = 512) {
  const text = el("pre", { class: "hex", tabindex: "0" }, hexLines(data, 0, first));
  if (data.length <= first) return text;
  let shown = first;
  const more = el("button", { type: "button", class: "quiet" }, `${data.length - first} bytes more`);
  more.addEventListener("click", () => {
    const step = 16_384;
    text.append(`\n${hexLines(data, shown, step)}`);
    shown += step;
    more.textContent = `${data.length - shown} bytes more`;
    if (shown >= data.length) more.remove();
  });
  return el("div", null, text, more);
}
