#!/usr/bin/env python3
"""The rows of Tests/Web/rows in Node and in headless Chromium, against a server behind a stand that can fail.

    rows.py ours|foreign [--in node|chromium] [--recovery] [--parser msgpack] [--bundle FILE] [--only TEXT]

`ours` is the debug build of tapedeck, `foreign` the playground on python-socketio.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from browser import chromium, page_of
from report import Report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROWS = HERE.parent / "Web/rows"
CLIENT = ROOT / "web/client"
PING = ["--ping-interval", "1000", "--ping-timeout", "2000"]


def servers(tape):
    return {
        "ours": [str(ROOT / ".build/debug/tapedeck"), "serve", "--port", "{port}", "--tape", tape, *PING],
        "foreign": [sys.executable, str(HERE.parent / "Foreign/playground.py"), "--port", "{port}", *PING],
    }


class Stand:
    """A server, the proxy before it, and where it takes orders."""

    def __init__(self, command):
        node = shutil.which("node") or sys.exit("node is missing: install Debian's package nodejs.")
        self.process = subprocess.Popen([node, ROWS / "stand.mjs", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline().split() for _ in range(2)]
        if not all(lines):
            sys.exit("the stand did not start")
        self.url, self.control = lines[0][-1], lines[1][-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def run_in_node(stand, options, report):
    settings = {"server": options.server, "recovery": options.recovery, "parserName": options.parser, "only": options.only}
    command = ["node", ROWS / "node.mjs", json.dumps(settings)]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TAPEDECK_URL": stand.url, "TAPEDECK_CONTROL": stand.control}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as node:
        for line in node.stdout:
            report.add(**json.loads(line))
    if node.returncode not in (0, 1):
        report.add("the rows in node", False, f"node ended with {node.returncode}")


PAGE = """<!doctype html><title>rows</title>
<script src="client.js"></script>
<script type="module">
  import { rows } from "./rows/all.mjs";
  import { runRows } from "./rows/tools.mjs";
  import * as transports from "./esm.js";
  import * as json from "./src/text-packets.js";
  import * as msgpack from "./src/message-pack-packets.js";
  function expectUncaught() {
    const seen = [];
    const note = (event) => (event.preventDefault(), seen.push(event.error));
    addEventListener("error", note);
    return Object.assign(() => removeEventListener("error", note), { seen: () => seen });
  }
  const offline = async (off) => { await setOffline(off); };
  window.run = (settings) => runRows(rows, { ...settings, io, Manager: io.Manager, parser: { json, msgpack }[settings.parserName], transports, expectUncaught, offline, environment: "chromium", options: {} }, report);
</script>"""


def run_in_chromium(stand, options, report):
    bundle = "socket.io.msgpack.min.js" if options.parser == "msgpack" else "socket.io.min.js"
    files = {"client.js": options.bundle or CLIENT / "dist" / bundle, "esm.js": CLIENT / "dist/socket.io.esm.min.js"}
    files.update({f"rows/{path.name}": path for path in ROWS.glob("*.mjs")})
    files.update({f"src/{path.name}": path for path in (CLIENT / "src").glob("*.js")})
    with chromium() as browser, page_of(browser, stand.url, PAGE, files) as page:
        page.expose_function("report", lambda line: report.add(**line, environment="chromium", server=options.server))
        page.expose_function("setOffline", page.context.set_offline)
        page.wait_for_function("() => window.run !== undefined")
        settings = {"server": options.server, "recovery": options.recovery, "parserName": options.parser, "only": options.only}
        page.evaluate("(settings) => run(settings)", {**settings, "url": stand.url, "control": stand.control})


def main():
    parser = argparse.ArgumentParser(description="The rows of the browser client's section.")
    parser.add_argument("server", choices=["ours", "foreign"])
    parser.add_argument("--in", dest="places", action="append", choices=["node", "chromium"])
    parser.add_argument("--recovery", action="store_true", help="ours lets clients come back to their sessions")
    parser.add_argument("--parser", default="json", choices=["json", "msgpack"])
    parser.add_argument("--bundle", help="the file for Chromium, if not the one of web/client/dist")
    parser.add_argument("--only", help="rows whose name contains this")
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for place in options.places or ["node", "chromium"]:
            command = [*servers(f"{folder}/{place}.tape")[options.server], "--parser", options.parser]
            command += ["--recovery", "1m"] if options.recovery else []
            with Stand(command) as stand:
                {"node": run_in_node, "chromium": run_in_chromium}[place](stand, options, report)
    report.close()


if __name__ == "__main__":
    main()
