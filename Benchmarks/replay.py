#!/usr/bin/env python3
"""What replay costs: planning and replaying made-up tapes against the playground.

    replay.py [--binary .build/release/tapedeck] [--plan 100000 --plan 1000000] [--clients 20] [--packets 12000] [--seconds 600]

Prints seconds, peak memory and acts per second, the latter next to a plain load generator that sends echoes to the same server in the same
run: one at a time, as a causal replay goes, and many at once, as a flood does. `make bench-replay` runs it with a release build. The
generator is that of bench.py (SIOBENCH_SOURCE); without it there are no figures beside.
"""

import argparse
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import re
import tempfile
import time

import bench

ROOT = pathlib.Path(__file__).resolve().parent.parent


def started(binary, *arguments):
    server = subprocess.Popen([binary, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return server, server.stdout.readline().split()[-1]


def measured(*command):
    """Seconds, peak resident bytes and output of a program."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    return time.monotonic() - start, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status), output


def echoes_per_second(generator, url, connections, outstanding, total):
    """What a load generator reaches that compares nothing; None without one."""
    if generator is None:
        return None
    port = url.rstrip("/").rpartition(":")[2]
    command = [generator, "echo", "--conns", connections, "--window", outstanding, "--total", total, "--repeat", "1", "--port", port]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    values = re.findall(r"\bper_s=([\d.]+)", done.stdout)
    if done.returncode != 0 or not values:
        sys.exit(f"replay: the load generator failed: {done.stderr.strip() or done.stdout.strip()}")
    return float(values[-1])


def make_tape(binary, path, clients, packets, seconds):
    """A tape as the playground would have recorded it: `echo` with an ack, the clients in random turns."""
    server, _ = started(binary, "--tape", str(path))
    server.terminate()
    server.wait()
    random.seed(1)
    tape = sqlite3.connect(path)
    begin = 1_700_000_000_000_000
    step = seconds * 1_000_000 // max(1, packets)
    tape.execute("DELETE FROM run")
    tape.execute(
        "INSERT INTO run (id, first_id, started_us, ended_us, kind, settings, status) VALUES (1, 1, ?, ?, 'serve', '{}', 'ended')",
        (begin, begin + seconds * 1_000_000 + 2_000_000))
    tape.execute("INSERT INTO namespace (id, name) VALUES (1, '/')")
    tape.executemany("INSERT INTO event_name (id, name) VALUES (?, ?)", [(1, "echo"), (2, "auth")])
    ident, now = 1, begin
    rows = []

    def add(session, direction, kind, event=None, ack=None, payload=None):
        nonlocal ident
        ident += 1
        rows.append((ident, session, now, direction, kind, event, ack, len(payload or ""), 0, payload))

    for client in range(1, clients + 1):
        now += 1000
        tape.execute(
            "INSERT INTO connection (id, run_id, sid, protocol, transport, url, headers, opened_us) VALUES (?, 1, ?, 4, 'websocket', ?, '{}', ?)",
            (client, f"engine-{client:013d}", "/socket.io/?EIO=4&transport=websocket", now))
        tape.execute(
            "INSERT INTO session (id, connection_id, run_id, namespace_id, sid, connected_us) VALUES (?, ?, 1, 1, ?, ?)",
            (client, client, f"socket-{client:013d}", now))
        add(client, 0, 0)
        add(client, 1, 0, payload=json.dumps({"sid": f"socket-{client:013d}"}))
        add(client, 1, 2, event=2, payload='["auth",{}]')
    acks = [0] * (clients + 1)
    for number in range(packets // 2):
        now += 2 * step
        client = random.randint(1, clients)
        values = json.dumps([number, f"text number {number}", {"from": client, "words": ["some", "words", "to", "compare"]}])[1:-1]
        add(client, 0, 2, event=1, ack=acks[client], payload=f'["echo",{values}]')
        add(client, 1, 3, ack=acks[client], payload=f"[{values}]")
        acks[client] += 1
        if len(rows) > 50_000:
            write(tape, rows)
    write(tape, rows)
    tape.commit()
    tape.close()


def write(tape, rows):
    tape.executemany(
        "INSERT INTO packet (id, session_id, at_us, direction, type, event_id, ack_id, bytes, attachments, payload)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    rows.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/tapedeck"))
    parser.add_argument("--plan", type=int, action="append", help="packets of a tape that is planned; repeatable")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--packets", type=int, default=12_000)
    parser.add_argument("--replay", type=int, help="also replay a tape of so many packets as a flood, for its memory")
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for packets in options.plan or [100_000, 1_000_000]:
            tape = folder / f"{packets}.tape"
            make_tape(options.binary, tape, options.clients, packets, 600)
            seconds, memory, status, output = measured(
                options.binary, "replay", str(tape), "http://127.0.0.1:1", "--plan", str(folder / "plan"))
            assert status == 0, output
            print(f"plan {packets} packets: {seconds:.2f} s, {memory / 1e6:.0f} MB", flush=True)
            tape.unlink()
        tape = folder / "live.tape"
        make_tape(options.binary, tape, options.clients, options.packets, options.seconds)
        server, url = started(options.binary, "--no-record")
        try:
            acts = options.packets // 2 + 2 * options.clients
            source = os.environ.get("SIOBENCH_SOURCE", ROOT.parent / "shared/bench/siobench.c")
            generator = bench.load_generator(folder) if pathlib.Path(source).is_file() else None
            for flags, connections, outstanding in [([], 1, 1), (["--no-barrier"], 1, 1), (["--pace", "flood"], options.clients, 16)]:
                plain = echoes_per_second(generator, url, connections, outstanding, options.packets // 2 * (1 if outstanding == 1 else 10))
                seconds, memory, status, output = measured(options.binary, "replay", str(tape), url, *flags)
                beside = f"; generator, {connections} x {outstanding} outstanding: {plain:.0f} echoes/s" if plain else ""
                print(
                    f"replay {options.seconds} s of {options.clients} clients, {options.packets} packets {' '.join(flags)}: {seconds:.2f} s,"
                    f" {acts / seconds:.0f} acts/s, {memory / 1e6:.0f} MB{beside}; {output.splitlines()[-1]}", flush=True)
            if options.replay:
                make_tape(options.binary, folder / "large.tape", options.clients, options.replay, options.seconds)
                seconds, memory, status, output = measured(options.binary, "replay", str(folder / "large.tape"), url, "--pace", "flood")
                acts = options.replay // 2 + 2 * options.clients
                print(
                    f"replay {options.replay} packets --pace flood: {seconds:.2f} s, {acts / seconds:.0f} acts/s, {memory / 1e6:.0f} MB;"
                    f" {output.splitlines()[-1]}", flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
