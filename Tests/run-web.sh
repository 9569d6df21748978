#!/usr/bin/env bash
# Runs the tests of web/ (node --test) against a server: `tapedeck serve` of the debug build, or whatever TAPEDECK_URL names.
set -euo pipefail
cd "$(dirname "$0")/.."

shopt -s nullglob
tests=(Tests/Web/*.test.mjs Tests/Web/*.test.js)
[ ${#tests[@]} -gt 0 ] || { echo "No tests in Tests/Web." >&2; exit 1; }

if [ -z "${TAPEDECK_URL:-}" ]; then
    folder=$(mktemp -d)
    .build/debug/tapedeck serve --port 0 --tape "$folder/web.tape" >"$folder/output" 2>"$folder/log" &
    server=$!
    trap 'kill "$server" 2>/dev/null && wait "$server" || true; rm -rf "$folder"' EXIT
    for _ in $(seq 200); do
        grep -q '^Listening on ' "$folder/output" && break
        kill -0 "$server" 2>/dev/null || { echo "The server did not start:" >&2; cat "$folder/output" "$folder/log" >&2; exit 1; }
        sleep 0.1
    done
    TAPEDECK_URL=$(sed -n 's/^Listening on //p' "$folder/output")
    [ -n "$TAPEDECK_URL" ] || { echo "The server did not say that it listens:" >&2; cat "$folder/log" >&2; exit 1; }
fi
export TAPEDECK_URL NODE_PATH=${NODE_PATH:-/usr/share/nodejs}
node --test "${tests[@]}"
