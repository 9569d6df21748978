// The inspector's page: the lists of the inspection API as tables. Everything has a URL: #packets?session=2&event=cast

/** The lists, with the filters and columns worth a place on the page. */
const lists = {
  packets: {
    filters: ["session", "connection", "namespace", "event", "direction", "type", "room", "since", "until", "q", "heartbeats"],
    columns: ["id", "at", "session_id", "direction", "layer", "type", "namespace", "event", "ack_id", "data", "attachments", "broadcast_id"],
  },
  sessions: { filters: ["namespace", "sid", "open"] },
  connections: {
    filters: ["run"],
    columns: ["id", "sid", "transport", "remote_address", "opened_at", "upgraded_at", "closed_at", "close_reason", "bytes_in", "bytes_out"],
  },
  acks: { filters: ["status", "event", "session", "min_latency_ms"] },
  rooms: { filters: ["namespace", "at"] },
  "room-changes": { filters: ["room", "session", "namespace"] },
  events: { filters: [] },
  runs: { filters: [] },
  gaps: { filters: [] },
};

const element = (id) => document.getElementById(id);
const [head, body] = [document.querySelector("thead"), document.querySelector("tbody")];
let next = null;

/** What the address names: the list and its filters. */
function place() {
  const [name, query] = location.hash.slice(1).split("?");
  return { name: name in lists ? name : "packets", filters: new URLSearchParams(query ?? "") };
}

/** Asks the API; throws an error whose message is the answer's own. */
async function ask(path) {
  const token = sessionStorage.getItem("token");
  const response = await fetch(`/inspect/api/${path}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  element("token-form").hidden = response.status !== 401;
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.detail ?? `The server answered ${response.status}.`);
}

/** Shows a value as text, whatever it is. */
function text(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function cell(name, value) {
  const cell = document.createElement("td");
  if (text(value).length > 40) cell.className = "long";
  if (name === "session_id" && value !== null) {
    const link = document.createElement("a");
    link.href = `#packets?session=${value}`;
    link.textContent = value;
    cell.append(link);
  } else {
    cell.textContent = text(value);
  }
  return cell;
}

function addRows(items, columns) {
  if (!head.firstChild && items.length > 0) {
    const row = head.insertRow();
    for (const name of columns ?? Object.keys(items[0])) {
      const title = document.createElement("th");
      title.scope = "col";
      title.textContent = name;
      row.append(title);
    }
  }
  for (const item of items) {
    const row = body.insertRow();
    for (const name of columns ?? Object.keys(items[0])) row.append(cell(name, item[name] ?? null));
  }
}

/** Loads the next page of the present list behind what is shown. */
async function load(after) {
  const { name, filters } = place();
  if (after) filters.set("after", after);
  element("problem").hidden = true;
  try {
    const page = await ask(`${name}?${filters}`);
    addRows(page.items, lists[name].columns);
    next = page.next;
    element("more").hidden = next === null;
    element("caption").textContent = `${body.rows.length} ${name}${next === null ? "" : ", and more"}`;
    const stats = await ask("stats");
    element("stats").textContent =
      `${stats.packets} packets, ${stats.sessions} sessions (${stats.open_sessions} open), ` +
      (stats.gaps === 0 ? "no gaps" : `${stats.lost_packets} packets missing in ${stats.gaps} gaps`);
  } catch (error) {
    element("problem").textContent = error.message;
    element("problem").hidden = false;
  }
}

function show() {
  const { name, filters } = place();
  element("lists").replaceChildren(
    ...Object.keys(lists).map((list) => {
      const link = document.createElement("a");
      link.href = `#${list}`;
      link.textContent = list;
      if (list === name) link.setAttribute("aria-current", "page");
      return link;
    }),
  );
  element("filters").replaceChildren(
    ...lists[name].filters.map((filter) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.name = filter;
      input.value = filters.get(filter) ?? "";
      label.append(`${filter} `, input);
      return label;
    }),
    ...(lists[name].filters.length ? [Object.assign(document.createElement("button"), { textContent: "Filter" })] : []),
  );
  head.replaceChildren();
  body.replaceChildren();
  load();
}

element("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  const filters = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value !== ""));
  const target = `#${place().name}?${filters}`;
  if (target === location.hash) show();
  else location.hash = target;
});
element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", element("token").value);
  show();
});
element("more").addEventListener("click", () => load(next));
addEventListener("hashchange", show);
show();
