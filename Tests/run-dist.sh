#!/usr/bin/env bash
# The tarball of `make dist` on a machine without Swift: a root folder that holds what the tarball holds and nothing else, not even a C library;
# /dev, /proc and /tmp are there. Outside of it stand the clients. Prints the executable's size and how quickly it starts.
set -euo pipefail
cd "$(dirname "$0")/.."

tarball=$(ls -t dist/tapedeck-*-linux-"$(uname -m)".tar.gz | head -1)
python=$PWD/.tools/venv/bin/python
root=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$root"' EXIT

(cd dist && sha256sum --check --quiet "$(basename "$tarball").sha256")
tar --extract --gzip --file "$tarball" --directory "$root" --strip-components 1
mkdir -p "$root"/{dev,proc,tmp}

namespace=(unshare --mount --pid --fork --kill-child)
[ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)

# inside COMMAND…: runs the executable in the bare root
inside() {
    "${namespace[@]}" bash -c '
        for device in null zero random urandom; do touch "$0/dev/$device"; mount --bind "/dev/$device" "$0/dev/$device"; done
        mount -t proc proc "$0/proc"
        exec chroot "$0" /bin/tapedeck "$@"' "$root" "$@"
}

say() { echo "== $*"; }
fail() { echo "$*" >&2; exit 1; }

say "nothing but the tarball is in the root"
[ -z "$(find "$root" -name 'ld-*' -o -name 'libc.so*' -o -name '*.so' | head -1)" ] || fail "there are libraries in it"
inside --version
inside --help >/dev/null

# serve FLAG…: starts a serving command inside, sets `server` and `url`
serve() {
    : >"$root/tmp/output"
    inside "$@" --port 0 >"$root/tmp/output" 2>"$root/tmp/errors" &
    server=$!
    for _ in $(seq 300); do
        grep -q '^Inspector at ' "$root/tmp/output" && break
        kill -0 "$server" 2>/dev/null || { cat "$root/tmp/errors" >&2; fail "$1 did not start"; }
        sleep 0.1
    done
    url=$(sed -n 's/^Listening on //p' "$root/tmp/output")
}

# stop STATUS: asks it to drain, as a service manager would
stop() {
    # this shell's copy, then unshare, then the first process of the namespace
    local inner
    inner=$(ps -o pid= --ppid "$(ps -o pid= --ppid "$server")")
    kill -TERM "${inner// /}"
    local status=0
    wait "$server" || status=$?
    server=
    [ "$status" -eq "$1" ] || { cat "$root/tmp/errors" >&2; fail "it ended with status $status, not $1"; }
}

say "serve, with its page, client, inspector and migrations inside"
serve serve --tape /tmp/whole.tape --redact-nothing
for path in / /socket.io/socket.io.js /socket.io/socket.io.min.js /inspect/ /inspect/api/openapi.json /healthz /metrics; do
    curl --silent --fail --output /dev/null "$url$path" || fail "$path is not served"
done
$python Tests/Clients/conversation.py "$url" --transports polling,websocket >/dev/null
stop 0

say "info, query, lint and cut"
inside info /tmp/whole.tape | grep '^Sessions      2' >/dev/null || fail "info does not know the sessions"
[ "$(inside query /tmp/whole.tape 'SELECT count(*) AS n FROM sessions' --format ndjson)" = '{"n":2}' ] || fail "query does not answer"
inside lint /tmp/whole.tape --skip clock --skip acks --skip timers >/dev/null
inside cut /tmp/whole.tape /tmp/small.tape --session 1 --with-causes >/dev/null

say "mock, and replay against it: one bare root talks to the other"
serve mock /tmp/whole.tape
inside replay /tmp/whole.tape "$url" --html /tmp/report.html | tail -1
# outside it finds names as any program does
"$root/bin/tapedeck" replay "$root/tmp/whole.tape" "${url/127.0.0.1/localhost}" | tail -1
$python Tests/Clients/conversation.py "$url" >/dev/null
stop 0
[ -s "$root/tmp/report.html" ] || fail "there is no report"

say "the man page and the completions"
if command -v man >/dev/null; then
    warnings=$(man --warnings --local-file "$root/share/man/man1/tapedeck.1" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "the man page: $warnings"
fi
for command in serve replay mock inspect query info cut merge lint; do
    grep -q "^.SS tapedeck $command" "$root/share/man/man1/tapedeck.1" || fail "the man page lacks $command"
done
bash -n "$root/share/bash-completion/completions/tapedeck"
bash -c 'source "$0"; complete -p tapedeck' "$root/share/bash-completion/completions/tapedeck" >/dev/null
for file in "$root/share/zsh/site-functions/_tapedeck" "$root/share/fish/vendor_completions.d/tapedeck.fish"; do
    grep -q with-causes "$file" || fail "$file lacks a flag"
done

say "size and start"
ls -l "$tarball" "$root/bin/tapedeck" | awk '{ print $5, "bytes", $9 }' | sed "s|$root||"
$python Benchmarks/start.py "$root/bin/tapedeck"
