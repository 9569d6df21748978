#!/usr/bin/env bash
# Whether the types of the scripts hold, and the committed bundles are what its sources give.
set -euo pipefail
cd "$(dirname "$0")"

command -v tsc >/dev/null || { echo "tsc is missing: install Debian's package (apt-get install node-typescript)." >&2; exit 1; }
tsc --project client/jsconfig.json
tsc --project inspector.tsconfig.json
tsc --project ../Tests/Web/types/tsconfig.json

fresh=$(mktemp -d client/.fresh.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
OUT=$(basename "$fresh") ./build.sh
diff --recursive --brief client/dist "$fresh" || { echo "web/client/dist is not what its sources give: run make web and commit it." >&2; exit 1; }
