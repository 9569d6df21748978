// Light, dark, or as the system has it.

const order = /** @type {const} */ (["auto", "light", "dark"]);

/** @typedef {(typeof order)[number]} Theme */

/** @returns {Theme} */
export function theme() {
  try {
    const kept = localStorage.getItem("tapedeck.theme");
    return order.find((name) => name === kept) ?? "auto";
  } catch {
    return /** @type {Theme} */ (document.documentElement.dataset.theme ?? "auto");
  }
}

/** @param {Theme} name */
export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("tapedeck.theme", name);
  } catch {
    // storage is forbidden here; the choice lasts as long as the page
  }
  dispatchEvent(new Event("themechange"));
}

export const nextTheme = () => order[(order.indexOf(theme()) + 1) % order.length] ?? "auto";

const probe = document.createElement("span");
probe.hidden = true;

/** @param {string} name of a colour's custom property, for drawings that CSS does not reach */
export function colour(name) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.setProperty("color", `var(${name})`);
  return getComputedStyle(probe).color;
}

/** @param {() => void} listener called when the colours have changed */
export function onColours(listener) {
  const query = matchMedia("(prefers-color-scheme: dark)");
  addEventListener("themechange", listener);
  query.addEventListener("change", listener);
  return () => {
    removeEventListener("themechange", listener);
    query.removeEventListener("change", listener);
  };
}
