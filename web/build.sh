#!/usr/bin/env bash
# Builds the browser client into web/client/dist, or into the folder that OUT names (below web/client).
set -euo pipefail
cd "$(dirname "$0")/client"

for tool in esbuild brotli; do
    command -v $tool >/dev/null || { echo "$tool is missing: install Debian's package (apt-get install $tool)." >&2; exit 1; }
done

out=${OUT:-dist}
rm -rf "$out"
mkdir -p "$out"
banner='/*! Socket.IO client of Tapedeck, MIT licence */'
common=(--bundle --target=es2022 --charset=utf8 --sourcemap --log-level=warning --banner:js="$banner")

# One file for <script>, CommonJS and AMD: esbuild has no such format, so what it makes is wrapped.
umd=(--format=iife --global-name=tapedeckClient
    --banner:js="$banner
(function(g,f){typeof exports===\"object\"&&typeof module!==\"undefined\"?module.exports=f():typeof define===\"function\"&&define.amd?define(f):(typeof globalThis!==\"undefined\"?globalThis:g||self).io=f()})(this,function(){"
    --footer:js="return tapedeckClient.default});")
esbuild src/umd.js "${common[@]}" "${umd[@]}" --outfile="$out/socket.io.js"
esbuild src/umd.js "${common[@]}" "${umd[@]}" --minify --outfile="$out/socket.io.min.js"
esbuild src/umd-msgpack.js "${common[@]}" "${umd[@]}" --minify --outfile="$out/socket.io.msgpack.min.js"
esbuild src/esm.js "${common[@]}" --format=esm --minify --outfile="$out/socket.io.esm.min.js"

# Compressed once and best, here, rather than by each server that starts.
brotli --quality=11 --keep "$out"/*.js "$out"/*.map
