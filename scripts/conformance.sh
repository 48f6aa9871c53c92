#!/usr/bin/env bash
# Serves the demo city from a database of its own, and has QGIS compare what it loads with what the API says.
# YIZHAN_CONFORMANCE_LISTEN says where; without it, a free port of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

listen=${YIZHAN_CONFORMANCE_LISTEN:-127.0.0.1:$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}
work=$(mktemp -d)
server=
# shellcheck disable=SC2317 # called by the trap
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
  fi
  rm -rf "$work"
}
trap finish EXIT

bin/yizhan serve --demo --listen "$listen" --data "$work/data" >"$work/serve.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  kill -0 "$server" 2>/dev/null || { cat "$work/serve.log" >&2; echo "conformance: the server ended" >&2; exit 1; }
  curl -sf "http://$listen/readyz" >/dev/null && break
  sleep 1
done

mkdir "$work/home"
# QGIS keeps settings and caches of its own; these are nobody's.
HOME=$work/home XDG_RUNTIME_DIR=$work/home QGIS_CUSTOM_CONFIG_PATH=$work/home timeout 900 /usr/bin/python3 scripts/conformance.py "http://$listen"
