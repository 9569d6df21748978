#!/usr/bin/env python3
"""Readers that hold on to states of a tape, beside steady traffic: long_readers.py URL TAPE KIND MEGABYTES. One line of JSON at the end.

KIND is "inside" for readers of the server's own API (queries as long as the limit allows, one after another; lists; a stream and an export that
nobody takes from the socket), or "outside" for another program with a transaction open on the tape.
"""

import argparse
import json
import os
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import socketio

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n, packets"
EXPORT = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9000) SELECT x, printf('%01000d', x) FROM n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("tape")
    parser.add_argument("kind", choices=["inside", "outside"])
    parser.add_argument("megabytes", type=int)
    arguments = parser.parse_args()
    host, port = arguments.url.split("//")[1].split(":")
    api = arguments.url + "/inspect/api/"
    over = threading.Event()
    asked = {}

    def get(path):
        with urllib.request.urlopen(api + path, timeout=60) as answer:
            return json.load(answer)

    def health():
        with urllib.request.urlopen(arguments.url + "/healthz", timeout=60) as answer:
            return json.load(answer)["recorder"]

    def sql(question):
        return get("sql?q=" + urllib.parse.quote(question))["rows"]

    def reader(path):
        while not over.is_set():
            try:
                with urllib.request.urlopen(api + path, timeout=60) as answer:
                    answer.read()
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            asked[status] = asked.get(status, 0) + 1

    def lazy(path):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((host, int(port)))
        connection.sendall(f"GET /inspect/api/{path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        return connection

    def wal():
        try:
            return os.path.getsize(arguments.tape + "-wal")
        except FileNotFoundError:
            return 0

    client = socketio.Client()
    client.connect(arguments.url, transports=["websocket"])
    client.call("join", "begin")
    threads, held, outside = [], [], None
    if arguments.kind == "inside":
        endless = "sql?q=" + urllib.parse.quote(ENDLESS)
        threads = [threading.Thread(target=reader, args=(path,)) for path in [endless] * 3 + ["packets?event=nothing", "stats"]]
        for thread in threads:
            thread.start()
        export = "sql?q=" + urllib.parse.quote(EXPORT)
        held = [lazy("live?after=0"), lazy("live"), lazy(export + "&format=ndjson"), lazy(export + "&format=csv")]
    else:
        outside = sqlite3.connect(f"file:{arguments.tape}?mode=ro", uri=True, isolation_level=None)
        outside.execute("BEGIN")
        outside.execute("SELECT count(*) FROM packets").fetchone()

    piece = os.urandom(400_000)
    sent = largest = 0

    def send():
        nonlocal sent, largest
        # Steady traffic: 16 MB a second.
        time.sleep(max(0, begin + sent / 40 - time.monotonic()))
        client.emit("flood", piece)
        sent += 1
        if sent % 25 == 0:
            # An answer means that the server has taken all before it; and a slow disk must not fall behind, for that is not the matter here.
            client.call("whoami", timeout=60)
            while health()["queued"] > 10:
                time.sleep(0.02)
        largest = max(largest, wal())

    begin = time.monotonic()
    while sent * len(piece) < arguments.megabytes << 20:
        send()
    seconds = time.monotonic() - begin
    held_size = wal()
    over.set()
    for thread in threads:
        thread.join()
    for connection in held:
        connection.close()
    if outside:
        outside.execute("ROLLBACK")
        outside.close()
    # What follows needs a few rounds to find the readers gone.
    deadline = time.monotonic() + 60
    after = wal()
    while time.monotonic() < deadline and after > 100 << 20:
        send()
        after = wal()
    recorded = missing = 0
    while time.monotonic() < deadline and recorded + missing < sent:
        recorded = sql("SELECT count(*) FROM packets WHERE event = 'flood'")[0][0]
        missing = sql("SELECT coalesce(sum(packets), 0) FROM gaps")[0][0]
    client.disconnect()
    print(
        json.dumps(
            {
                "sent": sent,
                "recorded": recorded,
                "missing": missing,
                "seconds": round(seconds, 1),
                "wal_largest": largest,
                "wal_held": held_size,
                "wal_after": after,
                "answers": {str(status): count for status, count in asked.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
