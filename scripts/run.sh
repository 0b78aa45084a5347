#!/usr/bin/env bash
# `make run`: the driver at work on a machine without Windows.
set -euo pipefail
cd "$(dirname "$0")/.."

exec scripts/with-wine.sh -t 200 scripts/run-in-wine.sh
