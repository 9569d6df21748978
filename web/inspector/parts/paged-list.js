// A virtual list that is read from the tape page by page as one scrolls down.

import { isGone } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { failure, loading } from "./empty.js";
import { cells, VirtualList } from "./virtual-list.js";

const PAGE = 100;
const KEPT = 20_000;

/**
 * @template T
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.kind a class for its columns
 * @param {(item: T) => number} options.key its id
 * @param {string[]} options.titles
 * @param {(item: T) => Parameters<typeof cells>[0]} options.cells
 * @param {(last: T | null, limit: number, signal: AbortSignal) => Promise<T[]>} options.page what follows an item
 * @param {(item: T) => void} options.onSelect
 * @param {() => HTMLElement} options.none what stands there if there is nothing
 * @param {(item: T) => string} [options.rowClass]
 * @param {(items: T[], signal: AbortSignal, done: () => void) => Promise<void>} [options.complete] looks up what takes longer, for a page
 */
export function pagedList(options) {
  const element = el("div", { class: `table ${options.kind}` }, loading());
  const stop = new AbortController();
  /** @type {T[]} */
  let items = [];
  let isLoading = false;
  let isComplete = false;
  /** @type {VirtualList<T>} */
  const list = new VirtualList({
    label: options.label,
    header: el("div", { class: "row", role: "row" }, cells(options.titles, "columnheader")),
    rowHeight: 30,
    render(item, row) {
      if (options.rowClass) row.classList.add(...options.rowClass(item).split(" ").filter(Boolean));
      row.append(...cells(options.cells(item)));
    },
    onSelect: (item) => options.onSelect(item),
    onMove: () => undefined,
    onEdge: (edge) => edge === "end" && more(),
  });

  async function more() {
    if (isLoading || isComplete || items.length >= KEPT) return;
    isLoading = true;
    try {
      const page = await options.page(items.at(-1) ?? null, PAGE, stop.signal);
      items = items.concat(page);
      isComplete = page.length < PAGE;
      if (items.length === 0) fill(element, options.none());
      else {
        if (!list.element.isConnected) fill(element, list.element);
        list.show(items);
        complete(page);
      }
      isLoading = false;
    } catch (error) {
      isLoading = false;
      if (isGone(error)) return;
      isComplete = true;
      fill(element, failure(error));
    }
  }

  /** @param {T[]} page */
  function complete(page) {
    options.complete?.(page, stop.signal, () => list.show(items)).catch((error) => {
      if (!isGone(error)) console.warn(error);
    });
  }

  more();
  return {
    element,
    list,
    /** Reads the first page again and puts what is new before the rest, if the reader is at the top. */
    async refresh() {
      if (isLoading || items.length > PAGE || list.element.scrollTop > 0) return;
      isLoading = true;
      const page = await options.page(null, PAGE, stop.signal).catch(() => null);
      isLoading = false;
      if (!page || page.length === 0) return;
      const chosen = list.selected;
      page.forEach((item, index) => {
        const known = items.find((one) => options.key(one) === options.key(item));
        if (known) page[index] = { ...known, ...item };
      });
      items = page;
      isComplete = page.length < PAGE;
      if (!list.element.isConnected) fill(element, list.element);
      list.show(items);
      list.select(chosen);
      complete(page);
    },
    close() {
      stop.abort();
      list.close();
    },
  };
}
