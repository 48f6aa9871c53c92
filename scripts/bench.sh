#!/usr/bin/env bash
# Benchmarks. Each ratio is against a baseline in the same run.
#   scripts/bench.sh                   all: the tile service, the coverage, an import, the rider's page, then the benchmarks of the packages
#   scripts/bench.sh tiles [flags]     the tile service: --json, --scale 100, --part city, …
#   scripts/bench.sh coverage [flags]  the coverage engine, beside PostGIS: --json, --part big, --edits 500, …
#   scripts/bench.sh import [flags]    a CSV of a million stations, beside a bare COPY of them: --rows 100000
#   scripts/bench.sh rider [flags]     the rider's page on a slow phone, and by Lighthouse: --runs 5, --json
#   scripts/bench.sh go [packages]
set -euo pipefail
cd "$(dirname "$0")/.."

tiles() { go run ./internal/tilebench "$@"; }
coverage() { go run ./internal/coverbench "$@"; }
imports() { go run ./internal/importbench "$@"; }
packages() { go test -run '^$' -bench . -benchmem "${@:-./...}" | grep -E '^(Benchmark|pkg:|cpu:)'; }

# The rider's page, of the server that YIZHAN_URL names, or of one of our own with the demo city.
rider() {
  local listen=127.0.0.1:18083 server
  make bin/yizhan
  if [ ! web/bench/node_modules/.stamp -nt web/bench/package-lock.json ]; then
    (cd web/bench && npm ci --silent --no-progress --ignore-scripts)
    touch web/bench/node_modules/.stamp
  fi
  if [ -n "${YIZHAN_URL:-}" ]; then node web/bench/rider.mjs "$@"; return; fi
  rm -rf .cache/bench
  bin/yizhan serve --demo --rate-limit 0 --listen "$listen" --data .cache/bench >.cache/bench.log 2>&1 &
  server=$!
  # shellcheck disable=SC2064
  trap "kill $server 2>/dev/null; wait $server 2>/dev/null || true" EXIT
  until bin/yizhan health --url "http://$listen/readyz" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { cat .cache/bench.log >&2; return 1; }
    sleep 0.5
  done
  YIZHAN_URL="http://$listen" node web/bench/rider.mjs "$@"
}

case "${1:-}" in
  tiles) tiles "${@:2}" ;;
  coverage) coverage "${@:2}" ;;
  import) imports "${@:2}" ;;
  rider) rider "${@:2}" ;;
  go) packages "${@:2}" ;;
  "") tiles && coverage && imports && rider && packages ;;
  *) packages "$@" ;;
esac
