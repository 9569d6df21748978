#!/usr/bin/env python3
"""How fast the inspection API answers over a large tape, beside Datasette on the same file and question.

    inspect.py TAPE [--rounds 100] [--recording [--rate 10000]] [--tapedeck PROGRAM] [--datasette PROGRAM]

Each question is asked many times with other values (another session, cursor, event, time), one after the other over one
connection; what counts are the median and the 99th percentile in milliseconds, the first asking left out. Datasette is asked the
same in SQL over the contract's views, with its time limit at 10 s; it is asked fewer times where it is slow.
With --recording the API is that of a server that records on the tape meanwhile: so many echoes a second as --rate says, or with
--rate 0 as many as the machine has room for, and then what is measured is how the two share its cores (see bench.py); the tape is longer
afterwards.
"""

import argparse
import http.client
import json
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Server:
    def __init__(self, command, pattern):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                self.port = int(found.group(1))
                return
        sys.exit(f"{command[0]} did not start")

    def ask(self, path):
        """Milliseconds, or nothing if it refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.connect()
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return (time.perf_counter() - began) * 1000 if answer.status == 200 else None
        except TimeoutError:
            return None
        finally:
            connection.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Load:
    """The load generator of bench.py, echoing over and over until it is stopped."""

    def __init__(self, port, rate):
        sys.path.insert(0, str(ROOT / "Benchmarks"))
        import bench

        self.folder = tempfile.TemporaryDirectory()
        program = bench.load_generator(pathlib.Path(self.folder.name))
        self.echoes, self.began, self.ends = 0, time.monotonic(), False
        self.command = [program, "echo", "--conns", "64", "--window", "8", "--repeat", "1", "--port", str(port)]
        self.total = 2 * rate or 100_000
        self.command += ["--rate", str(rate), "--warmup", "0", "--total", str(self.total)]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ends and subprocess.run(self.command, capture_output=True).returncode == 0:
            self.echoes += self.total

    def stop(self):
        """Packets a second: an echo is one in and one out."""
        self.ends = True
        self.thread.join()
        self.folder.cleanup()
        return 2 * self.echoes / (time.monotonic() - self.began)


def questions(tape):
    """Name, the API's path, the same in SQL; each made anew for a round."""
    database = sqlite3.connect(f"file:{tape}?mode=ro", uri=True)
    last = database.execute("SELECT max(id) FROM packet").fetchone()[0]
    sessions = [row[0] for row in database.execute("SELECT id FROM session WHERE connected_us IS NOT NULL")]
    events = [row[0] for row in database.execute("SELECT name FROM event_name")]
    rooms = [row[0] for row in database.execute("SELECT name FROM room WHERE length(name) < 20")] or ["none"]
    broadcasts = database.execute("SELECT max(id) FROM broadcast").fetchone()[0] or 1
    begin = database.execute("SELECT at_us FROM packet ORDER BY id LIMIT 1").fetchone()[0]
    end = database.execute("SELECT at_us FROM packet ORDER BY id DESC LIMIT 1").fetchone()[0]
    quote = urllib.parse.quote

    def make():
        session, after, event, room = random.choice(sessions), random.randrange(last), random.choice(events), random.choice(rooms)
        at = random.randrange(begin, end)
        return {
            "packets, a page anywhere": (f"packets?after={after}", f"SELECT * FROM packets WHERE id > {after} ORDER BY id LIMIT 100"),
            "packets of a session": (f"packets?session={session}", f"SELECT * FROM packets WHERE session_id = {session} ORDER BY id LIMIT 100"),
            "packets of an event": (f"packets?event={quote(event)}&after={after}", f"SELECT * FROM packets WHERE event = '{event}' AND id > {after} ORDER BY id LIMIT 100"),
            "packets of a minute": (f"packets?since={at}&until={at + 60_000_000}", f"SELECT * FROM packets WHERE at_us >= {at} AND at_us < {at + 60_000_000} ORDER BY id LIMIT 100"),
            "packets of a room": (f"packets?room={quote(room)}&after={after}", None),
            "packets, three filters": (f"packets?session={session}&direction=in&type=event", f"SELECT * FROM packets WHERE session_id = {session} AND direction = 'in' AND type = 'event' ORDER BY id LIMIT 100"),
            "packets with a text": (f"packets?q=1&after={after}", f"SELECT * FROM packets WHERE data LIKE '%1%' AND id > {after} ORDER BY id LIMIT 100"),
            "one packet": (f"packets/{after}", f"SELECT * FROM packets WHERE id = {after}"),
            "events": ("events", "SELECT event, count(*) FROM packets WHERE event IS NOT NULL GROUP BY event ORDER BY 2 DESC LIMIT 100"),
            "acks": (f"acks?after={after}", f"SELECT * FROM acks WHERE request_id > {after} ORDER BY request_id LIMIT 100"),
            "acks, slow": ("acks?min_latency_ms=50", "SELECT * FROM acks WHERE latency_ms >= 50 ORDER BY request_id LIMIT 100"),
            "acks, unanswered": ("acks?status=timeout", "SELECT * FROM acks WHERE status = 'timeout' ORDER BY request_id LIMIT 100"),
            "rooms now": ("rooms", "SELECT namespace, room, count(*) FROM room_members GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 100"),
            "rooms at a time": (f"rooms?at={at}", None),
            "members at a time": (f"rooms/{quote(room, safe='')}/members?at={at}", None),
            "room changes of a room": (f"room-changes?room={quote(room)}", f"SELECT * FROM room_changes WHERE room = '{room}' ORDER BY id LIMIT 100"),
            "connections": (f"connections?after={random.choice(sessions)}", f"SELECT * FROM connections WHERE id > {session} ORDER BY id LIMIT 100"),
            "sessions": (f"sessions?after={session}", f"SELECT * FROM sessions WHERE id > {session} ORDER BY id LIMIT 100"),
            "why a session ended": (f"sessions/{session}/end", None),
            "recipients of a broadcast": (f"broadcasts/{random.randrange(1, broadcasts + 1)}/recipients", f"SELECT * FROM packets WHERE broadcast_id = {random.randrange(1, broadcasts + 1)} ORDER BY id LIMIT 100"),
            "stats": ("stats", "SELECT count(*) FROM packets"),
            "gaps": ("gaps", "SELECT * FROM gaps ORDER BY id LIMIT 100"),
        }

    return make


def figures(times):
    if not times:
        return f"{'> 10 s':>10}{'':>10}"
    ordered = sorted(times)
    return f"{statistics.median(ordered):>10.1f}{ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]:>10.1f}"


def main():
    parser = argparse.ArgumentParser(description="p50 and p99 of the inspection API over a tape, beside Datasette.")
    parser.add_argument("tape")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--recording", action="store_true", help="while a server records on the tape, under load")
    parser.add_argument("--rate", type=int, default=10_000, help="echoes per second meanwhile; an echo is two packets. 0: no limit")
    parser.add_argument("--tapedeck", default=str(ROOT / ".build/release/tapedeck"))
    parser.add_argument("--datasette", default=str(ROOT / ".tools/venv/bin/datasette"))
    arguments = parser.parse_args()
    random.seed(1)
    make = questions(arguments.tape)
    command = [arguments.tapedeck, "serve", "--tape", arguments.tape] if arguments.recording else [arguments.tapedeck, "inspect", arguments.tape]
    ours = Server([*command, "--port", "0"], r"^Listening on http://127\.0\.0\.1:(\d+)")
    load = Load(ours.port, arguments.rate) if arguments.recording else None
    theirs = None
    if not load and pathlib.Path(arguments.datasette).exists():
        theirs = Server(
            [arguments.datasette, "serve", arguments.tape, "--port", "8765", "--setting", "sql_time_limit_ms", "10000", "--setting", "num_sql_threads", "1"],
            r"running on http://127\.0\.0\.1:(\d+)",
        )
    try:
        base = None
        if theirs:
            listing = http.client.HTTPConnection("127.0.0.1", theirs.port)
            listing.request("GET", "/-/databases.json")
            base = json.load(listing.getresponse())[0]["name"]
        print(f"{'':32}{'tapedeck':>20}{'datasette':>20}\n{'ms':32}{'p50':>10}{'p99':>10}{'p50':>10}{'p99':>10}")
        for question in make():
            times, others = [], []
            for number in range(arguments.rounds + 1):
                path, sql = make()[question]
                took = ours.ask("/inspect/api/" + path)
                if number > 0 and took is not None:
                    times.append(took)
                slow = len(others) >= 3 and statistics.median(others) > 200 or number >= 1 and not others and number > 1
                if theirs and sql and not slow:
                    took = theirs.ask(f"/{urllib.parse.quote(base)}.json?sql={urllib.parse.quote(sql)}&_shape=array")
                    if number > 0 and took is not None:
                        others.append(took)
            print(f"{question:32}{figures(times)}{figures(others) if theirs and make()[question][1] else ''}", flush=True)
    finally:
        if load:
            print(f"recorded meanwhile: {load.stop():.0f} packets/s")
        ours.stop()
        if theirs:
            theirs.stop()


if __name__ == "__main__":
    main()
