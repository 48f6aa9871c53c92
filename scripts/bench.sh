#!/usr/bin/env bash
# Benchmarks. Each ratio is against a baseline in the same run.
#   scripts/bench.sh                  all: the tile service, then the benchmarks of the packages
#   scripts/bench.sh tiles [flags]    the tile service: --json, --scale 100, --part city, …
#   scripts/bench.sh go [packages]
set -euo pipefail
cd "$(dirname "$0")/.."

tiles() { go run ./internal/tilebench "$@"; }
packages() { go test -run '^$' -bench . -benchmem "${@:-./...}" | grep -E '^(Benchmark|pkg:|cpu:)'; }

case "${1:-}" in
  tiles) tiles "${@:2}" ;;
  go) packages "${@:2}" ;;
  "") tiles && packages ;;
  *) packages "$@" ;;
esac
