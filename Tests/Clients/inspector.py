#!/usr/bin/env python3
"""The inspector's page in headless Chromium: inspector.py URL. The server has recorded the chat message `<b>bold?</b>`."""

import argparse

from browser import chromium
from report import Report


def main():
    parser = argparse.ArgumentParser(description="The inspector's page in headless Chromium.")
    parser.add_argument("url")
    url = parser.parse_args().url.rstrip("/")
    report = Report(client="inspector")
    with chromium() as browser:
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/inspect/#packets?event=chat%20message")
        page.wait_for_selector("tbody tr")
        text = page.inner_text("tbody")
        report.add("payloads are text", "<b>bold?</b>" in text and page.query_selector("tbody b") is None)
        page.click("nav a[href='#sessions']")
        page.wait_for_selector("#caption:has-text('sessions')")
        report.add("lists have an address", page.url.endswith("#sessions"))
        page.goto(f"{url}/inspect/#packets?direction=up")
        page.reload()
        page.wait_for_selector("#problem:not([hidden])")
        report.add("a problem is said", "direction" in page.inner_text("#problem"))
        report.add("no errors", not errors, error="; ".join(errors) or None)
    report.close()


if __name__ == "__main__":
    main()
