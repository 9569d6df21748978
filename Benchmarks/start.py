#!/usr/bin/env python3
"""How quickly an executable starts: start.py TAPEDECK [ROUNDS]

The medians of `--version` to its end, and of `serve` until it says that it listens.
"""

import os
import statistics
import subprocess
import sys
import time


def version(tapedeck):
    start = time.perf_counter()
    subprocess.run([tapedeck, "--version"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def listening(tapedeck):
    start = time.perf_counter()
    process = subprocess.Popen([tapedeck, "serve", "--port", "0", "--no-record"], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    elapsed = time.perf_counter() - start
    process.kill()
    process.wait()
    return elapsed


def main():
    tapedeck, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 21
    for what, measure in (("--version, to its end", version), ("serve, until it listens", listening)):
        times = [measure(tapedeck) for _ in range(rounds)]
        print(f"{what}: median {1000 * statistics.median(times):.0f} ms, best {1000 * min(times):.0f} ms of {rounds}")
    print("load of the machine: " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
