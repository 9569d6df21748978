#!/usr/bin/env python3
"""python-socketio's synchronous client (requests, websocket-client) against a playground server.

    client_sync.py URL [--transports polling --transports websocket --transports polling,websocket]
"""

import argparse
import concurrent.futures
import inspect
import queue

import socketio
from engineio.payload import Payload

from report import Report

DEADLINE = 10
Payload.max_decode_packets = 1000  # the library's own limit of 16 to a poll is below what servers send


class Failure(Exception):
    pass


def equal(got, expected):
    if got != expected:
        raise Failure(f"expected {expected!r:.300}, got {got!r:.300}")


class Client:
    def __init__(self, url, transports):
        self.io = socketio.Client(reconnection=False, handle_sigint=False)
        self.heard = queue.Queue()
        # The library would handle each packet in a thread of its own, and then binary data may overtake the packet it belongs to.
        self.packets = concurrent.futures.ThreadPoolExecutor(1)
        trigger = self.io.eio._trigger_event

        def in_order(event, *args, **options):
            if event == "message":
                return self.packets.submit(trigger, event, *args, **{**options, "run_async": False})
            return trigger(event, *args, **options)

        self.io.eio._trigger_event = in_order
        self.io.on("*", lambda event, *args: self.heard.put([event, *args]))
        self.io.on("question", lambda *args: ("answered", list(args), b"\x05"))
        self.io.on("disconnect", lambda reason: self.heard.put(["disconnect", reason]))
        self.io.connect(url, transports=transports, auth={"user": "ann"}, wait_timeout=DEADLINE)

    def next(self):
        try:
            return self.heard.get(timeout=DEADLINE)
        except queue.Empty:
            raise Failure("waited in vain for an event") from None


def connects_and_talks(client, transports):
    equal(client.next(), ["auth", {"user": "ann"}])
    equal(client.io.transport(), transports[-1])
    client.io.emit("message", ("text", 1, {"deep": [b"\x01", {"x": b""}]}, "Größe 👍"))
    equal(client.next(), ["message-back", "text", 1, {"deep": [b"\x01", {"x": b""}]}, "Größe 👍"])
    equal(client.io.call("echo", (b"\x02", [1]), timeout=DEADLINE), (b"\x02", [1]))
    client.io.emit("ask", ("why", b"\x03"))
    equal(client.next(), ["answer", "answered", ["why", b"\x03"], b"\x05"])


def joins_rooms_and_is_kicked(client, transports):
    client.next()
    equal(client.io.call("join", "sync", timeout=DEADLINE), ["sync"])
    client.io.emit("cast", ("sync", "all", b"\x04"))
    equal(client.next(), ["cast", "sync", "all", b"\x04"])
    equal(client.io.call("leave", "sync", timeout=DEADLINE), [])
    client.io.emit("kick")
    equal(client.next(), ["disconnect", "server disconnect"])


def keeps_200_events_in_order(client, transports):
    client.next()
    for i in range(200):
        client.io.emit("message", i)
    equal([client.next()[1] for _ in range(200)], list(range(200)))


def main():
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__).splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--transports", action="append", help="repeatable; default: each one alone, then the upgrade")
    options = parser.parse_args()
    report = Report(client="python-socketio (synchronous)")
    for transports in options.transports or ["polling", "websocket", "polling,websocket"]:
        for check in (connects_and_talks, joins_rooms_and_is_kicked, keeps_200_events_in_order):
            client = None
            try:
                client = Client(options.url, transports.split(","))
                check(client, transports.split(","))
                report.add(check.__name__.replace("_", " "), True, transports=transports)
            except Exception as error:
                report.add(check.__name__.replace("_", " "), False, str(error) or repr(error), transports=transports)
            if client is not None:
                client.io.disconnect()
    report.close()


if __name__ == "__main__":
    main()
