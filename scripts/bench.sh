#!/usr/bin/env bash
# Benchmarks. Each ratio is against a baseline in the same run.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -run '^$' -bench . -benchmem "${@:-./...}" | grep -E '^(Benchmark|pkg:|cpu:)'
