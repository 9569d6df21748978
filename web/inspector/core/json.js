// JSON as it was written: numbers keep their digits, keys their order, so that what is shown is what was on the wire.

/**
 * @typedef {{ kind: "object", entries: [string, Node][] } | { kind: "array", items: Node[] } | { kind: "number" | "word", text: string } | { kind: "string", value: string }} Node
 */

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[^"\\]|\\.)*"/y;
const word = /true|false|null/y;

/**
 * @param {string} text
 * @returns {Node | null} nothing if it is no JSON
 */
export function read(text) {
  let at = 0;
  /** @param {RegExp} pattern */
  const take = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return null;
    at = pattern.lastIndex;
    return match[0];
  };
  /** @returns {Node} */
  const value = () => {
    take(space);
    const open = text[at];
    if (open === "{" || open === "[") {
      at += 1;
      return open === "{" ? object() : array();
    }
    const found = take(string);
    if (found !== null) return { kind: "string", value: JSON.parse(found) };
    const digits = take(number);
    if (digits !== null) return { kind: "number", text: digits };
    const name = take(word);
    if (name !== null) return { kind: "word", text: name };
    throw new SyntaxError(`no JSON at ${at}`);
  };
  /** @param {string} close whether there is one more */
  const goesOn = (close) => {
    take(space);
    if (text[at] === close) {
      at += 1;
      return false;
    }
    if (text[at] !== ",") throw new SyntaxError(`no JSON at ${at}`);
    at += 1;
    return true;
  };
  /** @returns {Node} */
  const array = () => {
    /** @type {Node[]} */
    const items = [];
    take(space);
    if (text[at] === "]") at += 1;
    else do items.push(value()); while (goesOn("]"));
    return { kind: "array", items };
  };
  /** @returns {Node} */
  const object = () => {
    /** @type {[string, Node][]} */
    const entries = [];
    take(space);
    if (text[at] === "}") {
      at += 1;
      return { kind: "object", entries };
    }
    do {
      take(space);
      const key = take(string);
      take(space);
      if (key === null || text[at] !== ":") throw new SyntaxError(`no JSON at ${at}`);
      at += 1;
      entries.push([JSON.parse(key), value()]);
    } while (goesOn("}"));
    return { kind: "object", entries };
  };
  try {
    const root = value();
    take(space);
    return at === text.length ? root : null;
  } catch {
    return null; // too deep for the stack, or no JSON: it is shown as text
  }
}

/**
 * Written again, indented.
 *
 * @param {Node} node
 * @param {string} [indent]
 * @returns {string}
 */
export function write(node, indent = "") {
  const deeper = `${indent}  `;
  if (node.kind === "object") {
    if (node.entries.length === 0) return "{}";
    return `{\n${node.entries.map(([key, value]) => `${deeper}${JSON.stringify(key)}: ${write(value, deeper)}`).join(",\n")}\n${indent}}`;
  }
  if (node.kind === "array") {
    if (node.items.length === 0) return "[]";
    return `[\n${node.items.map((item) => deeper + write(item, deeper)).join(",\n")}\n${indent}]`;
  }
  return node.kind === "string" ? JSON.stringify(node.value) : node.text;
}

/**
 * Whether a value stands for an attachment, and for which.
 *
 * @param {Node} node
 * @returns {number | null}
 */
export function placeholder(node) {
  if (node.kind !== "object") return null;
  const marked = node.entries.some(([key, value]) => key === "_placeholder" && value.kind === "word" && value.text === "true");
  const index = node.entries.find(([key]) => key === "num")?.[1];
  return marked && index?.kind === "number" ? Number(index.text) : null;
}
