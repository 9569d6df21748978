#!/usr/bin/env python3
"""The client recipes of Socket.IO's founding README, word for word, in headless Chromium.

    founding.py URL [--client served|official|FILE]

The server at URL answers as the README's server recipes do: `news` to who connects, `ready` to `set nickname`, `woot` to
`ferret`, and something to `message`. The recipes say http://localhost, so the browser is told that this is the server.
"""

import argparse
import pathlib
import time
import urllib.parse

from browser import chromium, page_of
from report import Report

OFFICIAL = pathlib.Path(__file__).resolve().parent.parent.parent / ".tools/official/socket.io.min.js"
DEADLINE = 10.0

# name -> the page's script, what it logs, what it sends
RECIPES = {
    "how to use": ("""
  var socket = io.connect('http://localhost');
  socket.on('news', function (data) {
    console.log(data);
    socket.emit('my other event', { my: 'data' });
  });
""", [{"hello": "world"}], ['42["my other event",{"my":"data"}]']),
    "storing data associated to a client": ("""
  var socket = io.connect('http://localhost');

  socket.on('connect', function () {
    socket.emit('set nickname', confirm('What is your nickname?'));
    socket.on('ready', function () {
      console.log('Connected !');
      socket.emit('msg', confirm('What is your message?'));
    });
  });
""", ["Connected !"], ['42["set nickname",true]', '42["msg",true]']),
    "getting acknowledgements": ("""
  var socket = io.connect(); // TIP: .connect with no args does auto-discovery
  socket.on('connect', function () { // TIP: you can avoid listening on `connect` and listen on events directly too!
    socket.emit('ferret', 'tobi', function (data) {
      console.log(data); // data will be 'woot'
    });
  });
""", ["woot"], ['420["ferret","tobi"]']),
    "using it just as a cross-browser WebSocket": ("""
  var socket = io.connect('http://localhost/');
  socket.on('connect', function () {
    socket.send('hi');

    socket.on('message', function (msg) {
      // my msg
    });
  });
""", [], ['42["message","hi"]']),
}


def run(browser, script, files):
    """What the page logged and what it sent, once nothing more is awaited."""
    html = f'<script src="/socket.io/socket.io.js"></script>\n<script>{script}</script>'
    logged, sent, errors = [], [], []

    def prepare(page):
        page.on("console", lambda message: logged.append(message.args[0].json_value()) if message.type == "log" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("request", lambda request: sent.extend((request.post_data or "").split("\x1e")))
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        for name, path in files.items():
            source = pathlib.Path(path).read_text(encoding="utf-8")
            page.route(f"**/socket.io/{name}", lambda route: route.fulfill(body=source, content_type="text/javascript"))

    with page_of(browser, "http://localhost", html, prepare=prepare) as page:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            page.wait_for_timeout(20)
            yield logged, sent, errors


def check(browser, script, logs, sends, files):
    for logged, sent, errors in run(browser, script, files):
        if errors:
            return f"the page failed: {errors}"
        if logged == logs and all(text in sent for text in sends):
            return None
    return f"expected the log {logs} and the packets {sends}, got {logged} and {sent}"


def main():
    parser = argparse.ArgumentParser(description="The founding README's client recipes against a server.")
    parser.add_argument("url")
    parser.add_argument("--client", default="served")
    options = parser.parse_args()
    files = {}
    if options.client != "served":
        files["socket.io.js"] = OFFICIAL if options.client == "official" else options.client
    report = Report(client=options.client)
    address = urllib.parse.urlsplit(options.url).netloc
    with chromium(f"--host-resolver-rules=MAP localhost:80 {address}") as browser:
        for name, (script, logs, sends) in RECIPES.items():
            error = check(browser, script, logs, sends, files)
            report.add(f"recipe: {name}", error is None, error)
    report.close()


if __name__ == "__main__":
    main()
