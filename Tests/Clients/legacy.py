#!/usr/bin/env python3
"""A client of Socket.IO 2 (python-socketio 4, python-engineio 3) against a playground server that lets such clients in.

    legacy.py URL [--transports polling --transports websocket --transports polling,websocket]
"""

import argparse
import inspect
import os
import queue
import sys

import socketio
from engineio.payload import Payload

from report import Report

DEADLINE = 10
Payload.max_decode_packets = 1000  # the library's own limit of 16 to a poll is below what servers send
EVENTS = ["auth", "message-back", "cast", "answer", "echo", "dm", "shout"]


class Failure(Exception):
    pass


def equal(got, expected):
    if got != expected:
        raise Failure(f"expected {expected!r:.300}, got {got!r:.300}")


class Client:
    def __init__(self, url, transports, namespaces=("/",)):
        self.io = socketio.Client(reconnection=False)
        self.heard = queue.Queue()
        # The library would handle each packet in a thread of its own; the order is to be seen here.
        trigger = self.io.eio._trigger_event
        self.io.eio._trigger_event = lambda event, *args, **options: trigger(event, *args, **{**options, "run_async": False})
        for namespace in namespaces:
            for event in EVENTS:
                self.io.on(event, self.hear(namespace, event), namespace=namespace)
            self.io.on("question", lambda *args: ("answered", list(args), b"\x05"), namespace=namespace)
            for event in ("connect", "disconnect"):
                self.io.on(event, self.hear(namespace, event), namespace=namespace)
            self.io.on("connect_error", self.hear(namespace, "connect_error"), namespace=namespace)
        self.io.connect(url, transports=transports, namespaces=list(namespaces))

    def hear(self, namespace, event):
        return lambda *args: self.heard.put([namespace, event, *args])

    def next(self):
        try:
            return self.heard.get(timeout=DEADLINE)
        except queue.Empty:
            raise Failure("waited in vain for an event") from None

    def skip_to(self, namespace, event):
        while True:
            heard = self.next()
            if heard[:2] == [namespace, event]:
                return heard


def connects_and_talks(url, transports):
    # No empty bytes: the library loses them.
    client = Client(url, transports)
    client.skip_to("/", "auth")
    equal(client.io.eio.transport(), transports[-1])
    client.io.emit("message", ("text", 1, {"deep": [b"\x01", {"x": b"\x06"}]}, "Größe 👍"))
    equal(client.next(), ["/", "message-back", "text", 1, {"deep": [b"\x01", {"x": b"\x06"}]}, "Größe 👍"])
    equal(client.io.call("echo", (b"\x02", [1]), timeout=DEADLINE), (b"\x02", [1]))
    client.io.emit("ask", ("why", b"\x03"))
    equal(client.next(), ["/", "answer", "answered", ["why", b"\x03"], b"\x05"])
    who = client.io.call("whoami", timeout=DEADLINE)
    equal(who["id"], client.io.eio.sid)
    return client


def joins_namespaces_and_rooms(url, transports):
    client = Client(url, transports, ("/", "/custom"))
    client.skip_to("/custom", "auth")
    who = client.io.call("whoami", namespace="/custom", timeout=DEADLINE)
    equal((who["id"], who["namespace"]), ("/custom#" + client.io.eio.sid, "/custom"))
    equal(client.io.call("join", "old", namespace="/custom", timeout=DEADLINE), ["old"])
    client.io.emit("cast", ("old", "all", b"\x04"), namespace="/custom")
    equal(client.skip_to("/custom", "cast"), ["/custom", "cast", "old", "all", b"\x04"])
    client.io.emit("kick", namespace="/custom")
    equal(client.skip_to("/custom", "disconnect")[:2], ["/custom", "disconnect"])
    equal(client.io.call("echo", "still here", timeout=DEADLINE), "still here")
    return client


def keeps_200_events_in_order(url, transports):
    client = Client(url, transports)
    client.skip_to("/", "auth")
    for i in range(200):
        client.io.emit("message", i)
    equal([client.next()[2] for _ in range(200)], list(range(200)))
    return client


def main():
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__).splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--transports", action="append", help="repeatable; default: each one alone, then the upgrade")
    options = parser.parse_args()
    report = Report(client="python-socketio 4 (Socket.IO 2)")
    for transports in options.transports or ["polling", "websocket", "polling,websocket"]:
        for check in (connects_and_talks, joins_namespaces_and_rooms, keeps_200_events_in_order):
            try:
                client = check(options.url, transports.split(","))
                client.io.disconnect()
                report.add(check.__name__.replace("_", " "), True, transports=transports)
            except Exception as error:
                report.add(check.__name__.replace("_", " "), False, str(error) or repr(error), transports=transports)
    try:
        report.close()
    except SystemExit as end:
        # The library sometimes leaves without closing its session; its thread then waits for a poll that nobody has to answer.
        sys.stdout.flush()
        os._exit(end.code)


if __name__ == "__main__":
    main()
