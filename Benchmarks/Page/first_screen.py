#!/usr/bin/env python3
"""How long the inspector's page takes over a large tape, in headless Chromium: from the address to the first rows in sight.

    first_screen.py TAPE [--rounds 7] [--tapedeck PROGRAM]

Each round is a new window without a cache; what counts is the median, in milliseconds. The issue asks for a first screen within a second.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Clients"))

from browser import chromium  # noqa: E402

# The place, and what stands there once there is something to see.
SCREENS = {
    "packets, the newest": ("packets", ".packets .list-room .row"),
    "packets, strip of the whole tape": ("packets", ".strip rect"),
    "packets, in the middle": ("packets?at=5000000", ".packets .list-room .row"),
    "packets of one event": ("packets?q=event:{event}&live=off", ".packets .list-room .row"),
    "packets of one session": ("packets?q=session:7&live=off", ".packets .list-room .row"),
    "packets with an ack lost": ("packets?q=ack:lost&live=off", ".packets .list-room .row, .packets .empty h2"),
    "timeline": ("timeline", ".timeline-heads .head a"),
    "sessions": ("sessions", ".sessions-table .list-room .row"),
    "a session": ("sessions/7", ".verdict"),
    "acks, slowest": ("acks", ".acks-table .list-room .row"),
    "acks, histogram": ("acks", ".columns-chart button"),
    "events": ("events", ".events-table td"),
    "SQL, the views": ("sql", ".schema li"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tape")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tapedeck", default=str(ROOT / ".build/release/tapedeck"))
    arguments = parser.parse_args()
    process = subprocess.Popen([arguments.tapedeck, "inspect", arguments.tape, "--port", "0"], stdout=subprocess.PIPE, text=True)
    url = process.stdout.readline().removeprefix("Listening on ").strip()
    try:
        with chromium() as browser:
            event = measure(browser, url, "events", ".events-table td a")[1]
            for name, (path, selector) in SCREENS.items():
                times = [measure(browser, url, path.format(event=event), selector)[0] for _ in range(arguments.rounds)]
                print(f"{name:36} {statistics.median(times):7.0f} ms   (longest {max(times):.0f})", flush=True)
    finally:
        process.terminate()
        process.wait(30)


def measure(browser, url, path, selector):
    """Milliseconds until it is in sight, and what it says."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    began = time.perf_counter()
    page.goto(f"{url}/inspect/#/{path}", wait_until="commit")
    found = page.wait_for_selector(selector)
    took = (time.perf_counter() - began) * 1000
    text = found.text_content()
    context.close()
    return took, text


if __name__ == "__main__":
    main()
