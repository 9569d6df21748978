// Making elements. What comes from a tape enters the page here, and only as text.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with properties and children. Keys: `class`, `text`, `on` (listeners), `data`, `aria` (…), `style` (custom properties, since the
 * server's policy forbids style attributes), all others are attributes; `null` and `false` leave one out, `true` sets it empty.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any> | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function el(name, properties, ...children) {
  const made = document.createElement(name);
  apply(made, properties);
  add(made, children);
  return made;
}

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any> | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, properties, ...children) {
  const made = /** @type {SVGElementTagNameMap[Name]} */ (document.createElementNS("http://www.w3.org/2000/svg", name));
  apply(made, properties);
  add(made, children);
  return made;
}

/**
 * @param {HTMLElement | SVGElement} made
 * @param {Record<string, any> | null | undefined} properties
 */
function apply(made, properties) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") made.setAttribute("class", value);
    else if (key === "text") made.textContent = String(value);
    else if (key === "on") for (const [type, listener] of Object.entries(value)) made.addEventListener(type, /** @type {any} */ (listener));
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key === "aria") for (const [name, state] of Object.entries(value)) made.setAttribute(`aria-${name}`, String(state));
    else if (key === "style") for (const [name, setting] of Object.entries(value)) made.style.setProperty(name, String(setting));
    else made.setAttribute(key, value === true ? "" : String(value));
  }
}

/**
 * @param {Element} parent
 * @param {(Child | Child[])[]} children
 */
function add(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Replaces what an element holds.
 *
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  add(parent, children);
}

/**
 * A button that does something.
 *
 * @param {string} label
 * @param {(event: MouseEvent) => void} action
 * @param {Record<string, any>} [properties]
 */
export function button(label, action, properties = {}) {
  return el("button", { type: "button", ...properties, on: { click: action } }, label);
}

/**
 * A line drawing on a 16 by 16 grid, for the eye only.
 *
 * @param {string} path
 */
export function icon(path) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path }));
}
