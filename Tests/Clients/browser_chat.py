#!/usr/bin/env python3
"""Two browser windows on the playground's page that chat with each other.

    browser_chat.py URL OUTDIR

Leaves a screenshot of each window in OUTDIR (ann.png, ben.png).
"""

import argparse
import pathlib
import sys

from browser import chromium
from report import Report

DEADLINE = 10_000


class Window:
    """One person's window, used as a person would: by the fields and buttons."""

    def __init__(self, browser, url, name, report):
        self.name, self.report = name, report
        self.page = browser.new_context(viewport={"width": 1200, "height": 1000}).new_page()
        self.page.set_default_timeout(DEADLINE)
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.goto(url)

    def connected(self):
        self.page.wait_for_function("/^connected\\b/i.test(document.querySelector('#status').textContent.trim())")

    def take_nickname(self):
        self.page.fill("#nickname", self.name)
        self.page.press("#nickname", "Enter")

    def say(self, text):
        self.page.fill("#message", text)
        self.page.click("#send")

    def join(self, room):
        self.page.fill("#room", room)
        self.page.click("#join")
        self.page.wait_for_selector(f"#rooms :text('{room}')")

    def cast(self, text):
        self.page.fill("#cast-text", text)
        self.page.click("#cast")

    def sees(self, *texts):
        """Waits until one entry of the messages holds all of the texts."""
        self.page.wait_for_function(
            """(texts) => [...document.querySelector('#messages').children]
                .some((entry) => texts.every((text) => entry.textContent.includes(text)))""", arg=list(texts))

    def said(self):
        return self.page.inner_text("#messages")


def chat(ann, ben, check):
    for window in (ann, ben):
        check(f"{window.name} connects", window.connected)
        check(f"{window.name} takes a nickname", window.take_nickname)
    check("Ann speaks", lambda: ann.say("Hello Ben, grüezi 👋"))
    for window in (ann, ben):
        check(f"{window.name} reads Ann's words under her name", lambda w=window: w.sees("Ann", "Hello Ben, grüezi 👋"))
    check("Ben answers", lambda: ben.say("Hello Ann <b>not bold</b>"))
    for window in (ann, ben):
        check(f"{window.name} reads Ben's words as text", lambda w=window: w.sees("Ben", "Hello Ann <b>not bold</b>"))
    for window in (ann, ben):
        check(f"{window.name} joins a room", lambda w=window: w.join("garden"))
    check("Ann casts to the room", lambda: ann.cast("to the garden only"))
    for window in (ann, ben):
        check(f"{window.name} hears the cast", lambda w=window: w.sees("Ann", "in garden", "to the garden only"))


def main():
    parser = argparse.ArgumentParser(description="Two browser windows that chat on the playground's page.")
    parser.add_argument("url")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    report = Report(client="browser")

    def check(name, action):
        try:
            action()
            report.add(name, True)
        except Exception as error:
            report.add(name, False, str(error).splitlines()[0])

    with chromium() as browser:
        ann, ben = (Window(browser, options.url, name, report) for name in ("Ann", "Ben"))
        chat(ann, ben, check)
        for window in (ann, ben):
            window.page.screenshot(path=options.folder / f"{window.name.lower()}.png")
            report.add(f"{window.name}'s window reports no errors", not window.errors, "; ".join(window.errors) or None)
            if report.failed:
                print(f"{window.name} sees:\n{window.said()}", file=sys.stderr)
        for window in (ann, ben):
            window.page.context.close()
    report.close()


if __name__ == "__main__":
    main()
