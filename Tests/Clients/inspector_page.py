#!/usr/bin/env python3
"""The inspector's page in headless Chromium: inspector_page.py TAPEDECK FOLDER SCREENSHOTS. The folder is for tapes."""

import argparse
import contextlib
import pathlib
import traceback

from browser import chromium
from inspector import access, outside, packets, replays, screens, views
from inspector.page import Inspector
from inspector.people import Traffic
from inspector.servers import tapedeck
from report import Report


def main():
    parser = argparse.ArgumentParser(description="The inspector's page in headless Chromium.")
    parser.add_argument("tapedeck", help="the executable")
    parser.add_argument("folder", type=pathlib.Path, help="for tapes")
    parser.add_argument("screenshots", type=pathlib.Path)
    parser.add_argument("--only", help="packets, views, access, screens, outside or replays")
    arguments = parser.parse_args()
    report = Report(client="inspector")
    tape = arguments.folder / "talk.tape"
    parts = {
        "packets": lambda: packets.check(inspector, report),
        "views": lambda: views.check(inspector, report),
        "access": lambda: access.check(browser, url, report),
        "screens": lambda: screens.take(browser, url, arguments.screenshots, report),
        "replays": lambda: replays.check(browser, arguments.tapedeck, arguments.folder, arguments.screenshots, report),
        "outside": lambda: outside.check(browser, arguments.tapedeck, arguments.folder, report),
    }
    with chromium() as browser:
        with tapedeck(arguments.tapedeck, "serve", "--tape", str(tape)) as url, Traffic(url):
            inspector = Inspector(browser, url)
            for name in ["packets", "views", "access", "screens"]:
                if arguments.only in (None, name):
                    attempt(name, parts[name], report, inspector)
            report.add("no errors in the page", not inspector.errors, error="; ".join(inspector.errors) or None)
            report.add("no request to another host", not inspector.foreign, error="; ".join(inspector.foreign) or None)
            inspector.close()
        for name in ["outside", "replays"]:
            if arguments.only in (None, name):
                attempt(name, parts[name], report)
    report.close()


def attempt(name, part, report, inspector=None):
    """What waits in vain is told with where it waited; the other parts go on."""
    try:
        part()
    except Exception as error:
        place = f" at {inspector.page.url}" if inspector else ""
        with contextlib.suppress(Exception):
            place += ": " + inspector.page.inner_text("#view")[:300]
        line = next((frame.lineno for frame in reversed(traceback.extract_tb(error.__traceback__)) if "/inspector/" in frame.filename), "?")
        report.add(name, False, error=f"line {line}: {error}{place}")


if __name__ == "__main__":
    main()
