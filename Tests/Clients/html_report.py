#!/usr/bin/env python3
"""A replay's HTML report in headless Chromium: html_report.py FILE TEXT SCREENSHOT

The page must show TEXT as it is, run nothing, and ask for nothing.
"""

import pathlib
import sys

from browser import chromium
from report import Report


def main():
    path, text, screenshot = sys.argv[1:]
    report = Report(client="report")
    asked, dialogs, errors = [], [], []
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1100, "height": 900}).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: errors.append(str(error)))
        url = pathlib.Path(path).resolve().as_uri()
        page.goto(url, wait_until="load")
        shown = page.inner_text("body")
        report.add("it shows the payload as text", text in shown, None if text in shown else shown[:2000])
        report.add("no request leaves", asked == [url], str(asked))
        report.add("no script runs", not dialogs and not errors and page.locator("script, img, iframe, link").count() == 0)
        report.add("it fits the window", page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
        page.screenshot(path=screenshot, full_page=True)
        page.set_viewport_size({"width": 400, "height": 800})
        report.add("it fits a telephone", page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    report.close()


if __name__ == "__main__":
    main()
