#!/usr/bin/env python3
"""The browser client beside the official one, in one Chromium: size, time to parse, echo round trips per second.

    client.py [--rounds 5]

Needs `make test-tools` and a release build. Both files are measured in turn, round by round, against the same server; printed is
each figure's median.
"""

import argparse
import gzip
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# In place of this folder, whose inspect.py would stand for Python's own module.
sys.path[0] = str(ROOT / "Tests/Clients")

from browser import chromium, page_of  # noqa: E402

FILES = {"official": ROOT / ".tools/official/socket.io.min.js", "ours": ROOT / "web/client/dist/socket.io.min.js"}

PARSE = """async (source) => {
  // A comment makes each text new, so that nothing compiled before is used again.
  const times = [];
  for (let n = 0; n < 30; n++) {
    const run = `/*${Math.random()}*/(function(){var module=undefined,exports=undefined;${source}\\n}).call({})`;
    const begun = performance.now();
    (0, eval)(run);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[15];
}"""

ECHO = """async ({ transport, outstanding, seconds }) => {
  const socket = io({ forceNew: true, transports: [transport] });
  await new Promise((done) => socket.once("connect", done));
  const one = () => new Promise((done) => socket.emit("echo", { n: 1, text: "hello" }, done));
  for (let n = 0; n < 200; n++) await one();
  let count = 0;
  const end = performance.now() + seconds * 1000;
  const lane = async () => { while (performance.now() < end) { await one(); count++; } };
  await Promise.all(Array.from({ length: outstanding }, lane));
  socket.disconnect();
  return count / seconds;
}"""


def serve(folder):
    binary = ROOT / ".build/release/tapedeck"
    if not binary.exists():
        sys.exit("no release build: swift build -c release --product tapedeck")
    server = subprocess.Popen([binary, "serve", "--port", "0", "--no-record"], stdout=subprocess.PIPE, text=True, cwd=folder)
    return server, server.stdout.readline().split()[-1]


def main():
    parser = argparse.ArgumentParser(description="The browser client beside the official one.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    figures = {name: {} for name in FILES}
    for name, path in FILES.items():
        data = path.read_bytes()
        brotli = subprocess.run(["brotli", "--quality=11", "--stdout", path], capture_output=True, check=True).stdout
        figures[name] = {"bytes": [len(data)], "bytes, gzip -9": [len(gzip.compress(data, 9))], "bytes, brotli": [len(brotli)]}
    with tempfile.TemporaryDirectory() as folder:
        server, url = serve(folder)
        try:
            with chromium() as browser:
                for _ in range(options.rounds):
                    for name, path in FILES.items():
                        measure(browser, url, path, figures[name], options.seconds)
        finally:
            server.terminate()
            server.wait()
    print(f"{'':36}" + "".join(f"{name:>12}" for name in FILES))
    for figure in figures["ours"]:
        medians = [statistics.median(figures[name][figure]) for name in FILES]
        print(f"{figure:36}" + "".join(f"{value:12.2f}" if value < 100 else f"{value:12.0f}" for value in medians))


def measure(browser, url, path, figures, seconds):
    html = '<!doctype html><script src="client.js"></script>'
    with page_of(browser, url, html, {"client.js": path}) as page:
        source = path.read_text(encoding="utf-8")
        figures.setdefault("parse and run, ms", []).append(page.evaluate(PARSE, source))
        for transport in ["websocket", "polling"]:
            for outstanding in [1, 8]:
                rate = page.evaluate(ECHO, {"transport": transport, "outstanding": outstanding, "seconds": seconds})
                figures.setdefault(f"echoes/s, {transport}, {outstanding} outstanding", []).append(rate)


if __name__ == "__main__":
    main()
