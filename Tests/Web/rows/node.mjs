// The rows in Node, with the package ws: node.mjs SETTINGS (as JSON; see rows.py). TAPEDECK_URL and TAPEDECK_CONTROL name the stand.

import { Manager } from "../../../web/client/src/manager.js";
import * as transports from "../../../web/client/src/esm.js";
import * as msgpack from "../../../web/client/src/message-pack-packets.js";
import * as json from "../../../web/client/src/text-packets.js";
import { WebSocket } from "../playground.mjs";
import { rows } from "./all.mjs";
import { runRows } from "./tools.mjs";

const settings = JSON.parse(process.argv[2]);
const parser = { json, msgpack }[settings.parserName];
Manager.parser = parser;
let failed = 0;

function expectUncaught() {
  const seen = [];
  const note = (error) => seen.push(error);
  process.on("uncaughtException", note);
  return Object.assign(() => void process.off("uncaughtException", note), { seen: () => seen });
}

await runRows(
  rows,
  {
    ...settings, io: transports.io, Manager, parser, transports, expectUncaught, environment: "node",
    url: process.env.TAPEDECK_URL, control: process.env.TAPEDECK_CONTROL, options: { WebSocket },
  },
  (line) => {
    failed += !line.ok;
    console.log(JSON.stringify({ environment: "node", server: settings.server, parser: settings.parserName, ...line }));
  },
);
process.exit(failed ? 1 : 0);
