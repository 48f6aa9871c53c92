#!/usr/bin/env bash
# Takes the pictures of the README anew, from a server of its own with the demo city.
set -euo pipefail
cd "$(dirname "$0")/.."

listen=127.0.0.1:18082
export YIZHAN_DEMO_PASSWORD=pictures-of-the-demo
data=$(mktemp -d)
bin/yizhan serve --demo --demo-password $YIZHAN_DEMO_PASSWORD --listen $listen --data "$data" >/dev/null &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$data"' EXIT
until bin/yizhan health --url http://$listen/readyz >/dev/null 2>&1; do sleep 0.2; done
mkdir -p docs/images
(cd web && YIZHAN_URL=http://$listen node scripts/screenshots.mjs ../docs/images)
