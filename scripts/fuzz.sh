#!/usr/bin/env bash
# Runs every fuzz test of every package, one after the other, each for FUZZTIME (2m). What one finds is kept in
# testdata/fuzz, where `make test` runs it from then on. ONLY is a pattern of names, for some of them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0
while IFS=: read -r file name; do
  [[ $name =~ ${ONLY:-.} ]] || continue
  printf '%-22s %-20s ' "$(dirname "$file")" "$name"
  if go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-2m}" >"$log" 2>&1; then
    grep '^fuzz: elapsed' "$log" | tail -n 1 | sed 's/^fuzz: //'
  else
    failed=$((failed + 1))
    echo FAIL
    cat "$log"
  fi
done < <(git ls-files -co --exclude-standard '*_test.go' | xargs grep -oE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //' | sort)

[ "$failed" = 0 ] || echo "fuzz: $failed failed"
exit $((failed > 0))
