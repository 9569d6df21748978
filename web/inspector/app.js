// The inspector's page: a rail of views, the view that the address names, and a word when the server is away.

import { button, el, fill, icon } from "./core/dom.js";
import { showHelp, watchKeys } from "./core/keys.js";
import { address, onPlace, place } from "./core/router.js";
import { nextTheme, setTheme, theme } from "./core/theme.js";
import { failure } from "./parts/empty.js";
import { outage } from "./parts/outage.js";
import { recording } from "./parts/recording.js";

/** @typedef {import("./core/types.js").View} View */
/** @typedef {(root: HTMLElement, place: import("./core/types.js").Place) => View} MakeView */

/** @type {{ name: string, title: string, icon: string, key: string, load: () => Promise<MakeView> }[]} */
const views = [
  { name: "timeline", title: "Timeline", key: "t", icon: "M3 2v12M8 2v12M13 2v12M3 5h5M13 9H8M3 12h5", load: async () => (await import("./views/timeline.js")).timelineView },
  { name: "packets", title: "Packets", key: "p", icon: "M2 4h12M2 8h12M2 12h8", load: async () => (await import("./views/packets.js")).packetsView },
  { name: "sessions", title: "Sessions", key: "s", icon: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.6-3 2.7-4.5 5.5-4.500s4.9 1.5 5.5 4.5", load: async () => (await import("./views/sessions.js")).sessionsView },
  { name: "rooms", title: "Rooms", key: "r", icon: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z", load: async () => (await import("./views/rooms.js")).roomsView },
  { name: "acks", title: "Acks", key: "a", icon: "M2 5h9l-2.5-2.500M14 11H5l2.5 2.5", load: async () => (await import("./views/acks.js")).acksView },
  { name: "events", title: "Events", key: "e", icon: "M2 14V9M6 14V4M10 14V7M14 14V2", load: async () => (await import("./views/events.js")).eventsView },
  { name: "sql", title: "SQL", key: "q", icon: "M3 4l4 4-4 4M8.5 12.500H13", load: async () => (await import("./views/sql.js")).sqlView },
  { name: "replay", title: "Replay", key: "d", icon: "M2.5 8a5.5 5.5 0 1 0 1.7-4M2.5 2v3h3", load: async () => (await import("./views/replay.js")).replayView },
];

const rail = /** @type {HTMLElement} */ (document.getElementById("rail"));
const main = /** @type {HTMLElement} */ (document.getElementById("view"));

/** @type {View | null} */
let shown = null;
let shownName = "";
let turn = 0;

/** @param {import("./core/types.js").Place} at */
async function show(at) {
  const wanted = views.find(({ name }) => name === at.path[0]) ?? views.find(({ name }) => name === "packets");
  if (!wanted) return;
  const name = wanted.name + (at.path.length > 1 ? "/" : "");
  for (const link of rail.querySelectorAll("a[data-view]")) {
    if (link instanceof HTMLElement && link.dataset.view === wanted.name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${[...at.path.slice(1).reverse(), wanted.title].join(" · ")} – Tapedeck`;
  // Whatever view is still being loaded is wanted no more.
  turn += 1;
  const mine = turn;
  if (shown?.show && shownName === name) return shown.show(at);
  try {
    const make = await wanted.load();
    if (mine !== turn) return;
    shown?.close?.();
    const root = el("section", { class: `view ${wanted.name}`, aria: { label: wanted.title } });
    main.replaceChildren(root);
    shownName = name;
    shown = make(root, at);
  } catch (error) {
    shown = null;
    shownName = "";
    fill(main, failure(error));
  }
}

function drawRail() {
  const themeButton = button("", () => {
    setTheme(nextTheme());
    nameTheme();
  }, { class: "quiet theme" });
  const nameTheme = () => {
    const names = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
    fill(themeButton, icon({ auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12", light: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1", dark: "M13 9.500A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.500z" }[theme()]));
    themeButton.setAttribute("aria-label", names[theme()]);
    themeButton.title = names[theme()];
  };
  nameTheme();
  fill(rail,
    el("a", { class: "brand", href: address(["packets"]), aria: { label: "Tapedeck" } }, icon("M2 3.500h12v9H2zM5.3 8.500a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.600zM10.7 8.500a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.600zM5.3 8.500h5.400M4.5 12.500l1-2h5l1 2"), el("b", null, "Tapedeck")),
    el("ul", null, views.map(({ name, title, icon: path, key }) =>
      el("li", null, el("a", { href: address([name]), data: { view: name }, title: `${title} (g ${key})` }, icon(path), el("span", null, title))))),
    recording(),
    el("div", { class: "switches" }, themeButton, button("?", showHelp, { class: "quiet", aria: { label: "Keyboard" }, title: "Keyboard (?)" })),
  );
}

setTheme(theme());
drawRail();
outage(/** @type {HTMLElement} */ (document.getElementById("outage")));
watchKeys(() => shown);
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
onPlace(show);
show(place());
