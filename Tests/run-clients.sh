#!/usr/bin/env bash
# Holds the foreign clients against the foreign server: both are only doubles for tests, and must agree with each other.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.tools/venv/bin/python
folder=$(mktemp -d)
$python Tests/Foreign/playground.py >"$folder/output" &
server=$!
trap 'kill "$server" 2>/dev/null && wait "$server" || true; rm -rf "$folder"' EXIT
for _ in $(seq 200); do
    grep -q '^Listening on ' "$folder/output" && break
    kill -0 "$server" 2>/dev/null || exit 1
    sleep 0.1
done
url=$(sed -n 's/^Listening on //p' "$folder/output")

for client in client client_sync javascript; do
    echo "Tests/Clients/$client.py"
    if ! $python "Tests/Clients/$client.py" "$url" >"$folder/$client"; then
        grep -v '"ok": true' "$folder/$client" >&2
        exit 1
    fi
done
