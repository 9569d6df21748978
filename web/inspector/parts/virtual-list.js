// A list of any length of which only the rows in sight are in the page.

import { el } from "../core/dom.js";

/**
 * @template T
 * @typedef {object} ListOptions
 * @property {string} label what it is, for screen readers
 * @property {HTMLElement} [header]
 * @property {number} rowHeight pixels
 * @property {(item: T, row: HTMLElement) => void} render fills an emptied row
 * @property {(item: T, index: number) => void} [onSelect] chosen by click or Enter
 * @property {(item: T, index: number) => void} [onMove] chosen by the arrow keys
 * @property {(edge: "start" | "end") => void} [onEdge] the reader nears an end of what is there
 * @property {(atEnd: boolean) => void} [onScroll]
 */

const SPARE = 8;
let lists = 0;

/** @template T */
export class VirtualList {
  /** @type {T[]} */
  items = [];
  selected = -1;

  /** @param {ListOptions<T>} options */
  constructor(options) {
    this.options = options;
    this.id = `list${(lists += 1)}`;
    this.room = el("div", { class: "list-room", role: "rowgroup" });
    this.element = el(
      "div",
      { class: "list", role: "grid", tabindex: "0", aria: { label: options.label, rowcount: 0 }, style: { "--row": `${options.rowHeight}px` } },
      options.header && el("div", { class: "list-head", role: "rowgroup" }, options.header),
      this.room,
    );
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    this.wasAtEnd = true;
    this.element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.room.addEventListener("click", (event) => {
      const row = /** @type {HTMLElement} */ (event.target).closest("[data-index]");
      if (!(row instanceof HTMLElement) || /** @type {HTMLElement} */ (event.target).closest("a")) return;
      this.select(Number(row.dataset.index), "click");
    });
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.element);
  }

  get atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < this.options.rowHeight;
  }

  /**
   * Shows other items, or the same ones moved: what is in sight stays in place.
   *
   * @param {T[]} items
   * @param {{ before?: number, keep?: boolean }} [moved] `before`: so many rows more (or less) stand before what was there
   */
  show(items, moved = {}) {
    const { before = 0, keep = true } = moved;
    this.items = items;
    this.room.style.setProperty("height", `${items.length * this.options.rowHeight}px`);
    this.element.setAttribute("aria-rowcount", String(items.length));
    if (this.selected >= 0) this.selected = Math.max(-1, this.selected + before);
    if (!keep) this.selected = -1;
    if (before !== 0) this.element.scrollTop += before * this.options.rowHeight;
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.draw();
  }

  scrollToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.draw();
  }

  /** @param {number} index brought into sight, with some rows around it */
  reveal(index) {
    const { rowHeight } = this.options;
    const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
    const height = this.element.clientHeight - this.headHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (bottom > this.element.scrollTop + height) this.element.scrollTop = bottom - height;
    this.draw();
  }

  /** @param {number} index in the middle */
  center(index) {
    this.element.scrollTop = index * this.options.rowHeight - (this.element.clientHeight - this.headHeight) / 2;
    this.draw();
  }

  get headHeight() {
    return this.room.offsetTop;
  }

  /**
   * @param {number} index
   * @param {"click" | "key" | "silent"} [how]
   */
  select(index, how = "silent") {
    if (index < 0 || index >= this.items.length) index = -1;
    this.rows.get(this.selected)?.setAttribute("aria-selected", "false");
    this.selected = index;
    if (index < 0) {
      this.element.removeAttribute("aria-activedescendant");
      return;
    }
    if (how !== "click") this.reveal(index);
    const row = this.rows.get(index);
    row?.setAttribute("aria-selected", "true");
    this.element.setAttribute("aria-activedescendant", `${this.id}-${index}`);
    const item = /** @type {T} */ (this.items[index]);
    if (how === "click") this.options.onSelect?.(item, index);
    else if (how === "key") (this.options.onMove ?? this.options.onSelect)?.(item, index);
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was one of ours
   */
  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.options.rowHeight) - 2);
    const first = Math.floor(this.element.scrollTop / this.options.rowHeight);
    /** @param {number} by */
    const move = (by) => this.select(Math.min(this.items.length - 1, Math.max(0, this.selected < 0 ? first : this.selected + by)), "key");
    if (event.ctrlKey || this.items.length === 0) return false;
    if (event.key === "j" || event.key === "ArrowDown") move(1);
    else if (event.key === "k" || event.key === "ArrowUp") move(-1);
    else if (event.key === "PageDown") move(page);
    else if (event.key === "PageUp") move(-page);
    else if (event.key === "Home") this.select(0, "key");
    else if (event.key === "End") this.select(this.items.length - 1, "key");
    else if (event.key === "Enter" && this.selected >= 0) this.select(this.selected, "click");
    else return false;
    return true;
  }

  scrolled() {
    this.draw();
    if (this.atEnd !== this.wasAtEnd) {
      this.wasAtEnd = this.atEnd;
      this.options.onScroll?.(this.atEnd);
    }
  }

  draw() {
    const { rowHeight, onEdge } = this.options;
    const { scrollTop, clientHeight } = this.element;
    if (clientHeight === 0) return;
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - SPARE);
    const last = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + SPARE);
    for (const [index, row] of this.rows) {
      if (index >= first && index < last) continue;
      row.remove();
      this.rows.delete(index);
    }
    for (let index = first; index < last; index += 1) {
      if (!this.rows.has(index)) this.add(index);
    }
    if (!onEdge || this.items.length === 0) return;
    if (first < 40) onEdge("start");
    if (last > this.items.length - 40) onEdge("end");
  }

  /** @param {number} index */
  add(index) {
    const row = el("div", {
      class: "row", role: "row", id: `${this.id}-${index}`, data: { index }, aria: { rowindex: index + 1, selected: index === this.selected },
      style: { top: `${index * this.options.rowHeight}px` },
    });
    this.options.render(/** @type {T} */ (this.items[index]), row);
    this.rows.set(index, row);
    // In order, for those who have the rows read to them.
    const next = this.rows.get(index + 1);
    if (next) next.before(row);
    else this.room.append(row);
  }

  close() {
    this.watcher.disconnect();
  }
}

/**
 * The cells of a row or a header.
 *
 * @param {(import("../core/dom.js").Child | { class: string, content: import("../core/dom.js").Child, title?: string })[]} contents
 * @param {"gridcell" | "columnheader"} [role]
 */
export function cells(contents, role = "gridcell") {
  return contents.map((content) => {
    const isPlain = content instanceof Node || typeof content !== "object" || content === null;
    return el("span", { role, class: isPlain ? null : content.class, title: isPlain ? null : content.title }, isPlain ? content : content.content);
  });
}
