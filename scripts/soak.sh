#!/usr/bin/env bash
# What `make test` does for seconds, for longer: threads of mixed requests and 10,000 wraps of every
# counter on the production image in the harness, and counters that wrap under Wine.
#
#   SOAK_SECONDS=60 scripts/soak.sh       needs the preset windows built (make soak)
#
# Exit status: 0 when every total is exact and nothing else was found.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${SOAK_SECONDS:-60}
[[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] || {
    echo "soak: SOAK_SECONDS must be a number of seconds, at most 99999, not '$seconds'" >&2
    exit 2
}

scripts/with-wine.sh -t $((seconds * 2 + 900)) wine build/windows/tests/harness/harness.exe \
    --driver dist/windows/ScaphandreDrv.sys --soak "$seconds" \
    energy-threads-mixed-requests energy-storm | tr -d '\r'
STORM_SECONDS=$((seconds * 3 / 2)) STORM_SPEED=100 scripts/with-wine.sh -t $((seconds * 2 + 120)) \
    tests/wine/storm_test.sh
