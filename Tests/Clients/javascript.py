#!/usr/bin/env python3
"""A JavaScript client in headless Chromium against a playground server, all checks of checks.js.

    javascript.py URL [--client official|served|FILE] [--transports polling --transports websocket --transports polling,websocket]

`official` is the client file in .tools/official (make test-tools fetches it); `served` is the server's own
/socket.io/socket.io.js.
"""

import argparse
import pathlib

from browser import chromium, page_of
from report import Report

HERE = pathlib.Path(__file__).resolve().parent
OFFICIAL = HERE.parent.parent / ".tools/official/socket.io.min.js"


def main():
    parser = argparse.ArgumentParser(description="A JavaScript client against a playground server.")
    parser.add_argument("url")
    parser.add_argument("--client", default="official")
    parser.add_argument("--transports", action="append", help="repeatable; default: each one alone, then the upgrade")
    parser.add_argument("--path", default="/socket.io/")
    parser.add_argument("--only", help="checks whose name contains this")
    options = parser.parse_args()
    runs = options.transports or ["polling", "websocket", "polling,websocket"]
    report = Report(client=options.client)
    files = {"checks.js": HERE / "checks.js"}
    source = f"{options.path}socket.io.js"
    if options.client != "served":
        files["client.js"] = OFFICIAL if options.client == "official" else pathlib.Path(options.client)
        if not files["client.js"].exists():
            parser.exit(2, f"{files['client.js']} is not there: run `make test-tools`.\n")
        source = "client.js"
    html = f'<!doctype html><title>checks</title><script src="{source}"></script><script src="checks.js"></script>'
    with chromium() as browser:
        for transports in runs:
            with page_of(browser, options.url, html, files) as page:
                page.expose_function("report", lambda line, via=transports: report.add(**line, transports=via))
                settings = {"url": options.url, "transports": transports.split(","), "path": options.path, "only": options.only}
                page.evaluate("(settings) => runChecks(io, settings, report)", settings)
    report.close()


if __name__ == "__main__":
    main()
