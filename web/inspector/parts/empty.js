// What stands where there is nothing yet, or something went wrong.

import { el } from "../core/dom.js";

/**
 * @param {string} title
 * @param {...import("../core/dom.js").Child} more what to do about it
 */
export const empty = (title, ...more) => el("div", { class: "empty" }, el("h2", null, title), more.length > 0 && el("p", null, ...more));

/** @param {unknown} error */
export const failure = (error) => el("div", { class: "empty", role: "alert" }, el("h2", null, "That did not work"), el("p", null, error instanceof Error ? error.message : String(error)));

export const loading = () => el("div", { class: "empty quiet", aria: { busy: "true" } }, el("p", null, "Asking the tape…"));
