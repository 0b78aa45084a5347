#!/usr/bin/env bash
# `make run`: what the drivers do on a machine without Windows, in three blocks.
set -euo pipefail
cd "$(dirname "$0")/.."

exec scripts/with-wine.sh -t 200 scripts/run-in-wine.sh
