// Says that the server is away or wants its token. Whoever asked goes on by itself once it is back.

import { back, keepToken, request, server } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { say } from "./toast.js";

/** @param {HTMLElement} place */
export function outage(place) {
  let wasAway = false;

  async function watch() {
    // Somebody must look, also when no view has a question.
    while (server.state === "away") {
      await back(undefined);
      await request("stats").catch(() => undefined);
    }
  }

  server.addEventListener("change", () => {
    place.hidden = server.state !== "away";
    if (server.state === "away") {
      wasAway = true;
      fill(place, el("b", null, "The server does not answer."), " What is shown stays; this page goes on by itself when it is back.");
      watch();
    } else if (server.state === "locked") askForToken();
    else {
      if (wasAway) say("The server is back");
      wasAway = false;
    }
  });
}

let isAsking = false;

function askForToken() {
  if (isAsking) return;
  isAsking = true;
  const input = el("input", { id: "token", type: "password", autocomplete: "current-password", required: true });
  const dialog = el("dialog", { class: "token", aria: { labelledby: "token-title" } },
    el("form", { method: "dialog" },
      el("h2", { id: "token-title" }, "This inspector asks for its token"),
      el("p", null, "It is what the server was started with: --inspect-token. It is kept for this tab only."),
      el("label", { for: "token" }, "Token"), input, el("button", null, "Show the tape")));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    keepToken(input.value);
    isAsking = false;
    dialog.close();
    dialog.remove();
    // All who wait try again; a wrong token brings them back here.
    server.set("here");
  });
  document.body.append(dialog);
  dialog.showModal();
}
