#!/usr/bin/env bash
# One self-contained executable with its man page and shell completions, in dist/tapedeck-VERSION-linux-ARCH.tar.gz with its checksum.
# The Swift runtime, SQLite, zlib and the C library are linked in: it runs on any Linux of the same processor, with nothing installed.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
arch=$(uname -m)
build=$PWD/.build-dist
version=$(sed -n 's/^ *static let version = "\(.*\)"$/\1/p' Sources/TapedeckCommand/Tapedeck+Main.swift)
name=tapedeck-$version-linux-$arch

# The linker takes the first library that it finds, so this folder has only those that are to be linked in.
mkdir -p "$build/static"
for library in libsqlite3.a libz.a; do
    found=
    for folder in "/usr/lib/$arch-linux-gnu" /usr/lib64 /usr/lib; do
        [ -f "$folder/$library" ] && { found=$folder/$library; break; }
    done
    [ -n "$found" ] || { echo "There is no $library: install Debian's libsqlite3-dev and zlib1g-dev." >&2; exit 1; }
    ln -sf "$found" "$build/static/$library"
done

# What glibc warns of (getaddrinfo and its kin) is about modules for other name services; files and DNS are inside.
options=(-c release --product tapedeck --scratch-path "$build" -Xswiftc -static-executable -Xlinker "-L$build/static")
"$swift" build "${options[@]}"
built=$("$swift" build "${options[@]}" --show-bin-path)/tapedeck

rm -rf "dist/$name"
mkdir -p "dist/$name"/{bin,share/man/man1,share/bash-completion/completions,share/zsh/site-functions,share/fish/vendor_completions.d} \
    "dist/$name/share/doc/tapedeck/licenses"
strip -o "dist/$name/bin/tapedeck" "$built"
chmod 755 "dist/$name/bin/tapedeck"
tapedeck=dist/$name/bin/tapedeck
"$tapedeck" --generate-completion-script bash >"dist/$name/share/bash-completion/completions/tapedeck"
"$tapedeck" --generate-completion-script zsh >"dist/$name/share/zsh/site-functions/_tapedeck"
"$tapedeck" --generate-completion-script fish >"dist/$name/share/fish/vendor_completions.d/tapedeck.fish"
"$tapedeck" --experimental-dump-help | python3 scripts/man.py "$version" >"dist/$name/share/man/man1/tapedeck.1"
cp LICENSE "dist/$name/"
cp README.md CHANGELOG.md docs/*.md "dist/$name/share/doc/tapedeck/"
# what is linked in wants to be named
for package in "$build"/checkouts/*/; do
    for file in "$package"LICENSE* "$package"NOTICE*; do
        [ -f "$file" ] && cp "$file" "dist/$name/share/doc/tapedeck/licenses/$(basename "$package")-$(basename "$file")"
    done
done

# the same bytes from the same files
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}" \
    --directory dist "$name" | gzip -9 --no-name >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "dist/$name.tar.gz: $(stat -c %s "dist/$name.tar.gz") bytes; the executable: $(stat -c %s "$tapedeck") bytes"
