#!/usr/bin/env bash
# What the tests need beside the Debian packages, in .tools: Python environments and the official JavaScript client.
# Quick when everything is there; made anew when a list or a version below changes.
set -euo pipefail
cd "$(dirname "$0")/.."

# The PyPI package nicegui carries the official client file. It is a test dependency only, never part of the product.
client_package=nicegui==3.18.0
client_file=nicegui/static/socket.io.min.js

# environment FOLDER LIST: a Python environment with what the list names
environment() {
    local wanted
    wanted=$(cat "$2"; python3 --version; pwd)
    if [ -x "$1/bin/python" ] && [ "$(cat "$1/made-from" 2>/dev/null)" = "$wanted" ]; then return; fi
    echo "Making $1"
    rm -rf "$1"
    mkdir -p .tools
    python3 -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2" </dev/null
    echo "$wanted" >"$1/made-from"
}

environment .tools/venv Tests/requirements.txt
environment .tools/legacy Tests/requirements-legacy.txt

venv=.tools/venv
official=.tools/official
if [ ! -s $official/socket.io.min.js ] || [ "$(cat $official/made-from 2>/dev/null)" != "$client_package" ]; then
    echo "Fetching the official client from $client_package"
    rm -rf $official
    mkdir -p $official
    download=$(mktemp -d)
    trap 'rm -rf "$download"' EXIT
    $venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --dest "$download" "$client_package" </dev/null
    $venv/bin/python - "$download" "$client_file" >$official/socket.io.min.js <<'PYTHON'
import pathlib, sys, zipfile
folder, name = sys.argv[1:]
wheel = next(pathlib.Path(folder).glob("*.whl"))
sys.stdout.buffer.write(zipfile.ZipFile(wheel).read(name))
PYTHON
    echo "$client_package" >$official/made-from
fi
