#!/usr/bin/env bash
# Format, vet, linters, types and the compose file. Says each check's name, and all that it finds.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

failed=0
check() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then printf '  ok    %s\n' "$name"; else
    printf '  FAIL  %s\n%s\n' "$name" "$out"
    failed=1
  fi
}

# Each is called through check.
# shellcheck disable=SC2317
{
  formatted() {
    local files
    files=$(git ls-files -co --exclude-standard -z '*.go' | xargs -0 gofmt -l)
    [ -z "$files" ] || { printf 'not formatted:\n%s\n' "$files"; return 1; }
  }
  openapi() { diff <(bin/yizhan openapi) web/openapi.json || { echo 'web/openapi.json is old: run make openapi'; return 1; }; }
  openapi_lint() {
    local older
    older=$(mktemp --suffix .json) && bin/yizhan openapi --3.0 >"$older" || return 1
    (cd web && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --no-install redocly lint --config ../redocly.yaml openapi.json "$older") || { rm "$older"; return 1; }
    rm "$older"
  }
  client_types() { (cd web && npx --no-install openapi-typescript openapi.json --array-length 2>/dev/null) | diff - web/src/api/types.gen.ts || { echo 'types.gen.ts is old: run make openapi'; return 1; }; }
  compose() { docker-compose -f docker-compose.yml config --quiet; }
  web() { cat "$web_out"; return "$web_code"; }
}

# Node takes one core as long as all the others take the other.
web_out=$(mktemp)
(cd web && exec npm run --silent check) >"$web_out" 2>&1 &
web_pid=$!
trap 'kill "$web_pid" 2>/dev/null; rm -f "$web_out"' EXIT

check "gofmt" formatted
check "go mod tidy" go mod tidy -diff
check "go vet" go vet ./...
check "go vet, with the pages" go vet -tags web ./cmd/... ./web/...
check "fences, errors, bodies" go vet -vettool="$PWD/bin/lint" ./...
check "staticcheck" bin/staticcheck ./...
check "shellcheck" shellcheck scripts/*.sh .ci/run
check "docker-compose config" compose
check "openapi.json" openapi
check "redocly lint" openapi_lint
check "types from openapi.json" client_types
wait "$web_pid"
web_code=$?
check "svelte-check, eslint, prettier" web
exit $failed
