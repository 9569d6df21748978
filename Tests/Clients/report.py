"""One JSON line per check on stdout; the exit status says whether all of them passed."""

import json
import sys


class Report:
    def __init__(self, **labels):
        self.labels = labels
        self.passed = 0
        self.failed = 0

    def add(self, check, ok, error=None, **labels):
        line = {**self.labels, **labels, "check": check, "ok": ok}
        if error is not None:
            line["error"] = error
        print(json.dumps(line, ensure_ascii=False), flush=True)
        self.passed += ok
        self.failed += not ok

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", file=sys.stderr)
        if self.passed + self.failed == 0:
            sys.exit("no check ran")
        sys.exit(1 if self.failed else 0)
