#!/usr/bin/env bash
# The simulated driver as that of ROOT\SCAPHANDREDRV under Wine: no control device before the device
# is started, both afterwards. What Wine does otherwise than Windows (removal, refusal of stop, open
# handles) is the harness's to show (pnp-*).
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

device=build/windows/tests/wine/pnp_device.exe
energy=build/windows/tests/wine/energy_client.exe
parameters='HKLM\System\CurrentControlSet\Services\ScaphandreDrv\Parameters'

loader 0 install --simulated "--recording=$SIM/recordings/haswell-ep-2s.rec"
run 0 reg add "$parameters" /v Mode /t REG_DWORD /d 1 /f

# Without a device nothing is there to open, although the driver is loaded.
wine net start ScaphandreDrv >/dev/null 2>&1 || true
run 1 "$energy" capabilities
wine net stop ScaphandreDrv >/dev/null 2>&1 || true

run 0 "$device" add
wine net start ScaphandreDrv >/dev/null 2>&1 || true
run 0 "$energy" capabilities
expect "capabilities through the started device" \
    "flags 0x1 vendor 1 family 0x6 model 0x3F sockets 2 cores 16 processors 32 groups 2" "$out"
client read 0x606 0 16
run 0 "$device" remove
finish
