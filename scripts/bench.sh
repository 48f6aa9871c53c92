#!/usr/bin/env bash
# Benchmarks. Each ratio is against a baseline in the same run.
#   scripts/bench.sh                   all: the tile service, the coverage, then the benchmarks of the packages
#   scripts/bench.sh tiles [flags]     the tile service: --json, --scale 100, --part city, …
#   scripts/bench.sh coverage [flags]  the coverage engine, beside PostGIS: --json, --part big, --edits 500, …
#   scripts/bench.sh go [packages]
set -euo pipefail
cd "$(dirname "$0")/.."

tiles() { go run ./internal/tilebench "$@"; }
coverage() { go run ./internal/coverbench "$@"; }
packages() { go test -run '^$' -bench . -benchmem "${@:-./...}" | grep -E '^(Benchmark|pkg:|cpu:)'; }

case "${1:-}" in
  tiles) tiles "${@:2}" ;;
  coverage) coverage "${@:2}" ;;
  go) packages "${@:2}" ;;
  "") tiles && coverage && packages ;;
  *) packages "$@" ;;
esac
