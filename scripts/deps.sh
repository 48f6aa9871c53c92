#!/usr/bin/env bash
# Installs the Debian packages that Yizhan needs and that are missing. Does nothing, and asks for
# nothing, when they are all there.
#
#   scripts/deps.sh run    what `make run` needs: PostgreSQL with PostGIS, and GDAL to import files
#   scripts/deps.sh test   that, and Chromium with a CJK font, poppler, OWSLib, osmium, docker-compose and shellcheck
#   scripts/deps.sh qgis   what `make conformance` needs besides: QGIS without its desktop, about 190 MB
set -euo pipefail
cd "$(dirname "$0")/.."

run_packages=(postgis gdal-bin)
test_packages=(chromium fonts-wqy-microhei poppler-utils python3-owslib docker-compose shellcheck osmium-tool)
qgis_packages=(python3-qgis qgis-providers)

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

# The PostgreSQL that Debian ships decides which PostGIS package fits it.
postgis_package() { apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | awk '{print $1}' | sort -V | tail -n 1; }

have_postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else
    command -v sudo >/dev/null || { echo "deps: needs root to install packages, and sudo is not here" >&2; exit 1; }
    sudo "$@"
  fi
}

# make runs this for `run` and for `test` at once; apt-get lets one in. The second finds all installed.
mkdir -p .cache
exec 9>.cache/deps.lock
flock 9

wanted=("${run_packages[@]}")
[ "${1:-run}" = test ] && wanted+=("${test_packages[@]}")
[ "${1:-run}" = qgis ] && wanted+=("${qgis_packages[@]}")

missing=()
for package in "${wanted[@]}"; do
  if [ "$package" = postgis ]; then have_postgis || missing+=(postgis)
  else installed "$package" || missing+=("$package"); fi
done
[ "${#missing[@]}" = 0 ] && exit 0

echo "deps: installing ${missing[*]}"
root apt-get update -qq 9>&-
for i in "${!missing[@]}"; do
  [ "${missing[$i]}" = postgis ] || continue
  missing[i]=$(postgis_package)
  [ -n "${missing[$i]}" ] || { echo "deps: no PostGIS package in Debian's list" >&2; exit 1; }
  # Installing PostgreSQL on Debian would also create and start a system-wide cluster on port 5432.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
done
root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 9>&-
