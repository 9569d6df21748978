#!/usr/bin/env python3
"""The chat of Examples/Chat in headless Chromium: two pages talk, one leaves.

    example_chat.py URL [--client official]

With `--client official` the page's client file is the official one.
"""

import argparse
import pathlib

from browser import chromium
from report import Report

OFFICIAL = pathlib.Path(__file__).resolve().parent.parent.parent / ".tools/official/socket.io.min.js"
DEADLINE = 15_000


def lines(page):
    return page.locator("#messages li").all_inner_texts()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--client", choices=["official", "served"], default="served")
    options = parser.parse_args()
    report = Report(client=options.client)
    with chromium() as browser:
        def open_page(name):
            page = browser.new_context().new_page()
            if options.client == "official":
                page.route("**/socket.io.min.js", lambda route: route.fulfill(
                    body=OFFICIAL.read_text(encoding="utf-8"), content_type="application/javascript"))
            page.goto(f"{options.url}/?name={name}")
            return page

        ann = open_page("ann")
        ann.wait_for_function("socket.connected", timeout=DEADLINE)
        bob = open_page("bob")
        ann.wait_for_function("document.body.innerText.includes('bob is here')", timeout=DEADLINE)
        bob.fill("#text", "hello <b>ann</b>")
        bob.click("button")
        for page in (ann, bob):
            page.wait_for_function("document.body.innerText.includes('bob: hello <b>ann</b>')", timeout=DEADLINE)
        bob.wait_for_function("document.getElementById('text').value === ''", timeout=DEADLINE)
        bob.close()
        ann.wait_for_function("document.body.innerText.includes('bob has left')", timeout=DEADLINE)
        report.add("two people chat", lines(ann) == ["bob is here", "bob: hello <b>ann</b>", "bob has left"], str(lines(ann)))
    report.close()


if __name__ == "__main__":
    main()
