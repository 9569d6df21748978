#!/usr/bin/env bash
# The browser client, row by row of section 4 of the behaviour notes and through the network's faults, in Node and in Chromium:
# run-rows.sh ours|foreign
set -euo pipefail
cd "$(dirname "$0")/.."

report=$(mktemp)
trap 'rm -f "$report"' EXIT

# rows OPTION…: shows what went wrong, and what was skipped and why
rows() {
    echo "Tests/Clients/rows.py $*"
    if ! .tools/venv/bin/python Tests/Clients/rows.py "$@" >"$report"; then
        grep -v '"ok": true' "$report" >&2 || true
        exit 1
    fi
    sed -n 's/.*"skipped": "skipped: \([^"]*\)".*"check": "\([^"]*\)".*/  skipped: \2: \1/p' "$report" | sort -u
}

rows "$1"
rows "$1" --parser msgpack
if [ "$1" = ours ]; then rows ours --recovery --only 4.4.9; fi
