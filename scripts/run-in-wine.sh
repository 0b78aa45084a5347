#!/usr/bin/env bash
# The three blocks of `make run`; scripts/run.sh calls it under scripts/with-wine.sh.
set -euo pipefail

production=dist/windows/ScaphandreDrv.sys
simulated=dist/sim/ScaphandreDrv.sys

# Wine says on stderr that it is a 64-bit one only.
quiet_wine() {
    wine "$@" 2> >(grep -v -e 'wine32 is missing' -e 'multiarch needs' -e 'execute "dpkg' \
        -e 'apt-get install wine32' >&2)
}

show_file() {
    printf 'sha256     %s  %s\n' "$(sha256sum "$1" | cut -d' ' -f1)" "$1"
}

echo "== 1. The production driver, in the harness"
show_file $production
echo "real       the image's bytes; every instruction of it that ran"
echo "simulated  the kernel around it, the processors and their registers"
echo "not shown  a Windows kernel; real RAPL registers"
quiet_wine build/windows/tests/harness/harness.exe --driver $production --evidence | grep -v '^ok '

echo
echo "== 2. What differs between the two"
show_file $production
show_file $simulated
echo "real       both files, disassembled and compared function by function"
echo "simulated  nothing"
echo "not shown  whether Windows loads them"
python3 tests/image/differ.py $production $simulated | fold -s -w 100

echo
echo "== 3. The simulated driver, through the service manager"
show_file $simulated
echo "real       service start and stop, device requests, the driver but for its platform table"
echo "simulated  the hardware: a recording of a two-socket Haswell-EP; Windows, by Wine"
echo "not shown  access control, processor affinity"
quiet_wine dist/sim/DriverLoader.exe install --simulated \
    '--recording=dist\sim\recordings\haswell-ep-2s.rec' --quiet
quiet_wine dist/sim/DriverLoader.exe start
energy=$(quiet_wine dist/windows/rapl.exe read -i 1s -n 1)
quiet_wine dist/sim/DriverLoader.exe remove --quiet
echo "$energy"
