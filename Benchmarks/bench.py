#!/usr/bin/env python3
"""What a message costs the server: CPU time of its whole process, from the kernel, while a load generator speaks to it.

    bench.py [--rounds 5] [--only echo] [--quick] [--server 'LABEL=COMMAND'] [--no-build]

Each load is run against each server in turn, several rounds, so that what else the machine does hits all alike; the
medians are printed. Absolute figures mean little from one machine to the next: compare columns.
The load generator is siobench.c; SIOBENCH_SOURCE says where it is (default ../shared/bench/siobench.c).
"""

import argparse
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# name, what the figure is, the load generator's arguments, the key of the figure in its output
LOADS = [
    ("echo, 1 outstanding", "µs per echo", "echo --conns 64 --window 1 --total {echo}", "cpu_us"),
    ("echo, 8 outstanding", "µs per echo", "echo --conns 64 --window 8 --total {echo}", "cpu_us"),
    ("echo, bursts of 16", "µs per echo", "echo --conns 64 --window 16 --burst 1 --total {echo}", "cpu_us"),
    ("broadcast to 1000, 1 outstanding", "µs per delivery", "broadcast --conns 1000 --window 1 --total {cast}", "cpu_us"),
    ("broadcast to 1000, 8 outstanding", "µs per delivery", "broadcast --conns 1000 --window 8 --total {cast}", "cpu_us"),
    ("polling echo", "µs per echo", "polling --conns 64 --total {polling}", "cpu_us"),
    ("idle WebSockets", "bytes each", "idle --conns {idle} --hold 1", "rss_bytes_per_conn"),
]
FULL = {"echo": 200_000, "cast": 300, "polling": 20_000, "idle": 5000}
QUICK = {"echo": 20_000, "cast": 30, "polling": 2000, "idle": 1000}


# The generator knows no greeting, and a `cast` without its room. The playground emits `auth` to who connects and names the
# room in `cast`, so both are taught to the copy that is compiled.
ADAPTATIONS = [
    (
        "static void conn_ready(",
        r"""
        static int cast_without_room(const char **p, const char *e) {
            char head[300]; int n = snprintf(head, sizeof head, "[\"cast\",\"%s\",\"", o.room);
            if (e - *p < n || memcmp(*p, head, (size_t)n)) return 0;
            *p += strlen(o.room) + 3; return 1;
        }
        static void conn_ready(""",
    ),
    (
        r"""if (e - p != g_paylen + 11 || memcmp(p, "[\"cast\",\"", 9)""",
        "if (!cast_without_room(&p, e) || e - p != g_paylen + 11",
    ),
    (
        "if (t == '2' && o.mode == BROADCAST) {",
        r"""if (t == '2' && e - p > 8 && !memcmp(p, "[\"auth\",", 8)) return;
        if (t == '2' && o.mode == BROADCAST) {""",
    ),
]


def fail(sentence):
    sys.exit(f"bench: {sentence}")


def load_generator(folder):
    source = pathlib.Path(os.environ.get("SIOBENCH_SOURCE", ROOT.parent / "shared/bench/siobench.c"))
    if not source.is_file():
        fail(f"the load generator is not at {source}; say where siobench.c is by SIOBENCH_SOURCE=/path/to/siobench.c")
    compiler = next(filter(None, map(shutil.which, ("cc", "clang", "gcc"))), None)
    if compiler is None:
        fail("no C compiler found: install Debian's package gcc")
    text = source.read_text()
    for there, instead in ADAPTATIONS:
        if text.count(there) != 1:
            fail(f"{source} is another version than the one that Benchmarks/bench.py was written for (no `{there}`)")
        text = text.replace(there, instead)
    adapted, program = folder / "siobench.c", folder / "siobench"
    adapted.write_text(text)
    subprocess.run([compiler, "-O2", "-pthread", "-o", program, adapted], check=True)
    return program


def release_build(build, product="tapedeck"):
    command = ["swift", "build", "-c", "release", "--product", product]
    if build:
        subprocess.run(command, cwd=ROOT, check=True)
    path = subprocess.run([*command, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    program = pathlib.Path(path) / product
    if not program.is_file():
        fail(f"{program} is not there; run without --no-build")
    return program


def raise_open_files(wanted=65_536):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def servers(options, folder):
    """Label -> command line; each prints `Listening on http://HOST:PORT`."""
    tapedeck = release_build(options.build)
    found = {
        "recording off": [tapedeck, "serve", "--port", "0", "--no-record"],
        "recording on": [tapedeck, "serve", "--port", "0", "--tape", folder / "bench.tape"],
        "typed handler": [release_build(options.build, "TypedEcho")],
    }
    node = shutil.which("node")
    if node and subprocess.run([node, "-e", "require('socket.io')"], capture_output=True).returncode == 0:
        found["Node"] = [node, ROOT / "Benchmarks/peer.js"]
    else:
        print("Node's socket.io is absent, so there is no column for it: `npm install socket.io` and name its node_modules in NODE_PATH.")
    for server in options.server:
        label, _, command = server.partition("=")
        found[label] = shlex.split(command)
    return found


def measure(generator, server, arguments, figure, folder):
    """Starts the server, loads it, ends it; the figure, or None with the reason told."""
    for tape in folder.glob("bench.tape*"):
        tape.unlink()
    with open(folder / "log", "w") as log, subprocess.Popen(server, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            line = next((line for line in process.stdout if line.startswith("Listening on ")), None)
            if line is None:
                fail(f"{server[0]} did not start: {(folder / 'log').read_text().strip()}")
            port = line.strip().rpartition(":")[2]
            command = [generator, *arguments.split(), "--repeat", "1", "--port", port, "--pid", str(process.pid)]
            if "idle" in arguments:
                del command[command.index("--repeat"):][:2]
            done = subprocess.run(command, capture_output=True, text=True)
        finally:
            process.send_signal(signal.SIGTERM)
            for _ in process.stdout:
                pass
    values = re.findall(rf"\b{figure}=([\d.]+)", done.stdout)
    if done.returncode != 0 or not values:
        print(f"  failed: {done.stderr.strip() or done.stdout.strip()}", file=sys.stderr)
        return None
    return float(values[-1])


def table(results, labels):
    print(f"\n{'load':34}{'unit':18}" + "".join(f"{label:>16}" for label in labels))
    for name, unit, _, _ in LOADS:
        if name not in results:
            continue
        cells = []
        for label in labels:
            values = [value for value in results[name][label] if value is not None]
            cells.append(f"{statistics.median(values):.2f}" if values else "failed" if results[name][label] else "-")
        print(f"{name:34}{unit:18}" + "".join(f"{cell:>16}" for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="loads whose name contains this")
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: to see that it works, not to measure")
    parser.add_argument("--server", action="append", default=[], metavar="LABEL=COMMAND", help="one more server to compare with")
    parser.add_argument("--no-build", dest="build", action="store_false")
    options = parser.parse_args()
    raise_open_files()
    sizes = QUICK if options.quick else FULL
    results = {}
    with tempfile.TemporaryDirectory(prefix="tapedeck-bench-") as folder:
        folder = pathlib.Path(folder)
        generator = load_generator(folder)
        found = servers(options, folder)
        labels = list(found)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            for name, _, arguments, figure in LOADS:
                if options.only not in name:
                    continue
                for label in labels if number % 2 == 0 else reversed(labels):
                    # The typed server answers echoes, and no more.
                    if label == "typed handler" and "echo" not in name:
                        results.setdefault(name, {}).setdefault(label, [])
                        continue
                    value = measure(generator, found[label], arguments.format(**sizes), figure, folder)
                    results.setdefault(name, {}).setdefault(label, []).append(value)
    if not results:
        fail(f"no load is named like '{options.only}'")
    table(results, labels)
    if any(value is None for row in results.values() for values in row.values() for value in values):
        sys.exit(1)


if __name__ == "__main__":
    main()
