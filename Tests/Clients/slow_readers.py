#!/usr/bin/env python3
"""Many readers of /inspect/api/live that do not read: slow_readers.py URL COUNT PID. One line of JSON at the end.

Beside them one reader reads all, while a client makes traffic. The server must go on, lose nothing, and not grow with the readers' laziness.
"""

import argparse
import json
import re
import resource
import socket
import threading
import time
import urllib.request

import socketio


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("count", type=int)
    parser.add_argument("pid", type=int)
    parser.add_argument("--events", type=int, default=400)
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    host, port = arguments.url.split("//")[1].split(":")

    def listener(receive_buffer=None):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(60)
        connection.connect((host, int(port)))
        connection.sendall(f"GET /inspect/api/live?event=flood HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        return connection

    alone = memory(arguments.pid)
    seen = []
    reader = listener()

    def read():
        rest = b""
        try:
            while piece := reader.recv(1 << 16):
                rest += piece
                *lines, rest = rest.split(b"\n")
                seen.extend(line for line in lines if line.startswith((b"id: ", b"event: skipped")))
        except OSError:
            pass

    threading.Thread(target=read, daemon=True).start()
    slow = [listener(4096) for _ in range(arguments.count)]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with urllib.request.urlopen(arguments.url + "/metrics") as metrics:
            found = re.search(r"^tapedeck_inspector_live_listeners (\d+)", metrics.read().decode(), re.M)
        if found and int(found.group(1)) == arguments.count + 1:
            break
        time.sleep(0.1)
    before = memory(arguments.pid)
    client = socketio.Client()
    client.connect(arguments.url)
    text = "x" * 2000
    sent = arguments.events
    for number in range(sent):
        client.emit("flood", (number, text))
    client.call("join", "done")
    wanted = 0
    while time.monotonic() < deadline and wanted < sent:
        wanted = len(get(arguments.url + "/inspect/api/packets?event=flood&limit=1000")["items"])
    while time.monotonic() < deadline and sum(line.startswith(b"id: ") for line in seen) < sent + 1:
        time.sleep(0.05)
    after = memory(arguments.pid)
    health = get(arguments.url + "/healthz")
    client.disconnect()
    ids = [line for line in seen if line.startswith(b"id: ")]
    print(
        json.dumps(
            {
                "listeners": len(slow),
                "sent": sent,
                "recorded": wanted,
                "received": len(ids) - 1,
                "doubled": len(ids) - len(set(ids)),
                "skipped": sum(line.startswith(b"event: skipped") for line in seen),
                "memory_without": alone,
                "memory_with": before,
                "memory_after": after,
                "bytes_each_idle": before // max(1, len(slow)),
                "grown_each": (after - before) // max(1, len(slow)),
                "lost": health["recorder"]["lost"],
            }
        )
    )


if __name__ == "__main__":
    main()
