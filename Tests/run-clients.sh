#!/usr/bin/env bash
# Holds the foreign clients against the foreign servers: both are only doubles for tests, and must agree with each other.
# Our own browser client and page are held against the foreign server too, before they meet ours.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.tools/venv/bin/python
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

# start SCRIPT: starts a server and sets `url`
start() {
    $python "$1" >"$folder/output" &
    server=$!
    for _ in $(seq 200); do
        grep -q '^Listening on ' "$folder/output" && break
        kill -0 "$server" 2>/dev/null || { echo "$1 did not start." >&2; exit 1; }
        sleep 0.1
    done
    url=$(sed -n 's/^Listening on //p' "$folder/output")
}

# hold CLIENT [OPTION…]: runs a client against it; only what went wrong is shown
hold() {
    echo "$*"
    if ! $python "$1" ${url:+"$url"} "${@:2}" >"$folder/report"; then
        grep -v '"ok": true' "$folder/report" >&2 || true
        exit 1
    fi
}

start Tests/Foreign/playground.py
hold Tests/Clients/client.py
hold Tests/Clients/client_sync.py
hold Tests/Clients/javascript.py
hold Tests/Clients/javascript.py --client served
hold Tests/Clients/browser_chat.py "$folder"
kill "$server" && wait "$server"

start Tests/Foreign/founding.py
hold Tests/Clients/founding.py --client official
hold Tests/Clients/founding.py --client web/client/dist/socket.io.min.js
kill "$server" && wait "$server"
server=

url=
hold Tests/Clients/webtransport.py
