#!/usr/bin/env bash
# DriverLoader install --pnp: the root device and its driver package over SetupAPI, updating,
# replacing what was installed in another way, putting everything back, and removing it all.
#
# Wine cannot show: the driver store and signatures, enabling and disabling a device, a device's
# problem code, and that Windows refuses to stop such a driver as a service.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh
# shellcheck source=tests/wine/pnp_lib.sh
. tests/wine/pnp_lib.sh

package=$WINEPREFIX/drive_c/package
SIM=$package
drivers=$WINEPREFIX/drive_c/windows/system32/drivers
windows_inf=$WINEPREFIX/drive_c/windows/inf

# Devices, service and files as they are, one a line.
listing() {
    wine reg query 'HKLM\System\CurrentControlSet\Enum\ROOT' /s 2>/dev/null | tr -d '\r' |
        grep -i -e scaph -e 'ROOT.SOFTWAREDEVICE.' || true
    wine reg query 'HKLM\System\CurrentControlSet\Services\ScaphandreDrv' /s 2>/dev/null |
        tr -d '\r' || true
    # Wine forgets the .pnf of a package that it removes.
    find "$drivers" "$windows_inf" -iname '*scaph*' -o -name 'oem*' | grep -v '\.pnf$' || true
}

devices() {
    wine reg query 'HKLM\System\CurrentControlSet\Enum\ROOT' /s 2>/dev/null |
        grep -c -i 'HardwareID.*ROOT.SCAPHANDREDRV' || true
}

expect_all_gone() {
    loader 0 remove
    expect "$1: as before the installation" "$before" "$(listing)"
    loader 6 status
    loader 0 remove
    expect_words "$1: nothing left to remove" "nothing to remove"
}

scenario_refusals() {
    rm -f "$package/ScaphandreDrv.inf"
    loader 9 install --pnp --simulated
    expect_words "no INF" "ScaphandreDrv.inf" "Windows error 2 (0x2)" "--inf=FILE"
    echo '[Version]' >"$package/ScaphandreDrv.inf"
    loader 65 install --pnp --simulated
    expect_words "not an INF" "INF"
    make_inf "$package/ScaphandreDrv.inf" "windows-rapl-driver project"
    sed -i 's/ROOT\\SCAPHANDREDRV/ROOT\\ANOTHER/' "$package/ScaphandreDrv.inf"
    loader 65 install --pnp --simulated
    expect_words "another device's INF" 'not for the device ROOT\SCAPHANDREDRV'
    make_inf "$package/ScaphandreDrv.inf" "windows-rapl-driver project"
    loader 65 install --pnp
    expect_words "simulated needs --simulated" "install --simulated"
    loader 64 install --pnp --start=auto
    expect_words "no start type" "Windows itself starts a device"
    loader 64 install --inf=x
    expect_words "an INF is for a device" "--pnp"
    expect "refusals change nothing" "$before" "$(listing)"
}

scenario_life() {
    loader 0 install --pnp --simulated
    expect_words "install" 'Made the device ROOT\SOFTWAREDEVICE\0000' "Access policy: users" \
        "(SIMULATED) as the device"
    expect "one device" 1 "$(devices)"
    run 0 reg query 'HKLM\System\CurrentControlSet\Services\ScaphandreDrv' /s
    expect_match "the INF's mode" 'Mode +REG_DWORD +0x1' "$out"
    expect_match "the loader's policy, which the INF left alone" 'AccessPolicy +REG_DWORD +0x1' \
        "$out"
    expect_match "the INF's start type" 'Start +REG_DWORD +0x3' "$out"
    loader 0 status
    expect_words "status" "running" 'ROOT\SOFTWAREDEVICE\0000' 'drivers\ScaphandreDrv.sys' "users"
    expect_match "status: mode" 'mode +device' "$out"
    client scaphandre
    expect_words "it answers" "0x606 cpu=1 ok bytes=8 0xA0E03"
    loader 0 install --pnp --simulated --access=admins --json
    expect_words "again" '"mode":"device"' "is there already" '"policy":"admins"'
    expect "still one device" 1 "$(devices)"
    loader 7 install --simulated
    expect_words "no service beside the device" "installed as a device" "DriverLoader remove"
    # What Windows does here Wine does not; it is said, and nothing is broken by it.
    loader 4 stop
    expect_words "Wine cannot disable" "Windows error 120 (0x78)"
    loader 0 status
    expect_all_gone "life"
}

scenario_from_service() {
    loader 0 install --simulated --access=unrestricted
    loader 0 start
    loader 0 install --pnp --simulated
    expect_words "a running service becomes a device" "Stopped the driver that ran" \
        "unrestricted, kept as it was" "Made the device"
    loader 0 status --json
    expect_words "now a device" '"mode":"device"' '"start_type":"demand"'
    expect_all_gone "from service"
}

# A package that Windows refuses: its models are for another processor.
scenario_rollback() {
    sed -i -e 's/^%Provider% = Models$/%Provider% = Models,NTarm64/' \
        -e 's/^\[Models\]/[Models.NTarm64]/' "$package/ScaphandreDrv.inf"
    loader 2 install --pnp --simulated
    expect_words "refused" "Windows did not install the driver package" "Putting everything back"
    expect "as before" "$before" "$(listing)"
    loader 0 install --simulated --start=demand
    loader 0 start
    local installed
    installed=$(listing)
    loader 2 install --pnp --simulated
    expect_words "the service is back" "The previous driver runs again"
    expect "as it was installed" "$installed" "$(listing)"
    loader 0 status
    expect_match "a service again" 'mode +service' "$out"
    make_inf "$package/ScaphandreDrv.inf" "windows-rapl-driver project"
    expect_all_gone "rollback"
}

# The predecessor's package has our hardware id: it must not come back at the next restart.
scenario_predecessor() {
    local old=$WINEPREFIX/drive_c/old
    mkdir -p "$old"
    cp "$package/ScaphandreDrv.sys" "$old/"
    make_inf "$old/ScaphandreDrv.inf" "Predecessor"
    loader 0 install --pnp --simulated '--inf=C:\old\ScaphandreDrv.inf'
    cp "$old/ScaphandreDrv.inf" "$windows_inf/oem7.inf"
    cp "$old/ScaphandreDrv.inf" "$windows_inf/oem9.inf"
    sed -i 's/ROOT\\SCAPHANDREDRV/ROOT\\ANOTHER/' "$windows_inf/oem9.inf"
    # Wine does not rename a package; Windows would say oem7.inf here.
    point_driver_key oem7.inf
    loader 0 install --pnp --simulated
    expect_words "it is replaced" "Removed the device" "Removed the driver package oem7.inf" \
        "of Predecessor"
    expect "one device" 1 "$(devices)"
    expect_true "another driver's package stays" test -e "$windows_inf/oem9.inf"
    rm "$windows_inf/oem9.inf"
    cp "$old/ScaphandreDrv.inf" "$windows_inf/oem7.inf"
    expect_all_gone "predecessor"
}

# What an installation or a removal that broke off leaves.
scenario_leftovers() {
    local enum='HKLM\System\CurrentControlSet\Enum\ROOT\SOFTWAREDEVICE\0004'
    run 0 reg add "$enum" /v HardwareID /t REG_MULTI_SZ /d 'ROOT\Other\0root\scaphandredrv' /f
    run 0 reg add "$enum" /v ClassGUID /t REG_SZ /d '{62F9C741-B25A-46CE-B54C-9BCCCE08B6F2}' /f
    loader 6 status
    expect_words "a device without its service" "incomplete" 'SOFTWAREDEVICE\0004' \
        "DriverLoader remove"
    expect_all_gone "a device without its service"
    loader 0 install --simulated --quiet
    run 0 reg add 'HKLM\System\CurrentControlSet\Services\ScaphandreDrv\Parameters' \
        /v Mode /t REG_DWORD /d 1 /f
    loader 3 status
    expect_words "a service without its device" "there is none"
    loader 0 install --simulated
    loader 3 status
    expect_true "install puts the mode right" test -z "$(grep -i 'there is none' <<<"$out")"
    expect_all_gone "a service without its device"
    cp "$package/ScaphandreDrv.inf" "$windows_inf/oem3.inf"
    loader 0 remove
    expect_words "a package alone" "Removed the driver package oem3.inf"
    expect_all_gone "a package alone"
}

# point_driver_key NAME: the device's driver comes from the package NAME.
point_driver_key() {
    local class='HKLM\System\CurrentControlSet\Control\Class\{62F9C741-B25A-46CE-B54C-9BCCCE08B6F2}'
    run 0 reg add "$class\\0000" /v InfPath /t REG_SZ /d "$1" /f
}

mkdir "$package"
cp dist/windows/DriverLoader.exe dist/sim/ScaphandreDrv.sys "$package/"
cp -r dist/sim/recordings "$package/recordings"
before=$(listing)
for scenario in refusals life from_service rollback predecessor leftovers; do
    "scenario_$scenario"
done
finish
