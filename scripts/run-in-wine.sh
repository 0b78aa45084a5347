#!/usr/bin/env bash
# The part of `make run` that needs Wine; scripts/run.sh calls it under scripts/with-wine.sh.
set -euo pipefail

quiet_wine() {
    wine "$@" 2> >(grep -v -e 'wine32 is missing' -e 'multiarch needs' -e 'execute "dpkg' \
                        -e 'apt-get install wine32' >&2)
}

show_file() {
    printf '%s  %s\n' "$(sha256sum "$1" | cut -d' ' -f1)" "$1"
}

echo "== The simulated driver, through the service manager"
show_file dist/sim/ScaphandreDrv.sys
quiet_wine dist/sim/DriverLoader.exe install --simulated \
    '--recording=dist\sim\recordings\haswell-ep-2s.rec'
quiet_wine dist/sim/DriverLoader.exe start
quiet_wine dist/windows/rapl.exe read -i 1s -n 1
quiet_wine dist/sim/DriverLoader.exe remove
