"""Headless Chromium for the client programs: the installed one, never a download."""

import contextlib
import os
import shutil
import sys

from playwright.sync_api import sync_playwright

# A page that a test makes up has no address of its own, and Chromium keeps such a page off WebSockets to loopback.
# The other two: containers, where tests run as root with little shared memory.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
]


def chromium_path():
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        path = name and shutil.which(name)
        if path:
            return path
    sys.exit("No Chromium found: install Debian's package chromium, or name one in CHROMIUM.")


@contextlib.contextmanager
def chromium(*arguments):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_of(browser, url, html, files=None, prepare=None, **context_options):
    """A page at the server's own origin whose HTML, and the files beside it, come from here; all else from the server.

    `prepare` is called with the page before it is opened.
    """
    context = browser.new_context(**context_options)
    page = context.new_page()
    base = url.rstrip("/")
    place = f"{base}/__test__"

    def fulfil(body, kind):
        return lambda route: route.fulfill(body=body, content_type=kind)

    page.route(f"{place}/", fulfil(html, "text/html; charset=utf-8"))
    for name, path in (files or {}).items():
        with open(path, encoding="utf-8") as file:
            page.route(f"{place}/{name}", fulfil(file.read(), "text/javascript; charset=utf-8"))
    page.on("pageerror", lambda error: print(f"error in the page: {error}", file=sys.stderr))
    if prepare:
        prepare(page)
    page.goto(f"{place}/")
    try:
        yield page
    finally:
        context.close()
