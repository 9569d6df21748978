#!/usr/bin/env bash
# Whether the committed bundles are what the sources give.
set -euo pipefail
cd "$(dirname "$0")"

fresh=$(mktemp -d client/.fresh.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
OUT=$(basename "$fresh") ./build.sh
diff --recursive --brief client/dist "$fresh" || { echo "web/client/dist is not what its sources give: run make web and commit it." >&2; exit 1; }
