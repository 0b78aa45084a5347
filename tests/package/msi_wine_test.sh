#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The MSI from the first installation to the last removal, under Wine's Windows Installer. Runs
# under scripts/with-wine.sh. The simulated driver, which gives the energy, is put in place by the
# test.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

version=$(cat VERSION)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
current=$scratch/current.msi
older=$scratch/older.msi
program="$WINEPREFIX/drive_c/Program Files/windows-rapl-driver"
drivers=$WINEPREFIX/drive_c/windows/system32/drivers
installed=$drivers/ScaphandreDrv.sys
services='HKLM\SYSTEM\CurrentControlSet\Services'
log=

# windows_path PATH
windows_path() {
    printf 'Z:%s' "${1//\//\\}"
}

# install STATUS MSI [ARGUMENT...], and the like: the log of it is in $log.
msi() {
    local expected=$1
    shift
    rm -f "$WINEPREFIX/drive_c/msi.log"
    run "$expected" msiexec "$@" /qn '/l*v' 'C:\msi.log'
    log=$(tr -d '\000\r' <"$WINEPREFIX/drive_c/msi.log")
}

install() {
    local expected=$1 file=$2
    shift 2
    msi "$expected" /i "$(windows_path "$file")" "$@"
}

expect_log() {
    local words
    for words in "$@"; do
        checks=$((checks + 1))
        [[ $log == *"$words"* ]] || fail "the log does not say '$words'"
    done
}

# make_msi VERSION FILE
make_msi() {
    /usr/bin/python3 -B package/make_msi.py --binaries dist/windows --driver dist/package/driver \
        --actions build/windows/package/msi/rapl_msi.dll --version "$1" --out "$2" >/dev/null
}

# Files, and the registry; tests/package/registry_lines.py says what of it is left out.
listing() {
    (cd "$WINEPREFIX/drive_c" && find . \( -path '*/Temp/*' -o -name msi.log -o \
        -path ./windows/Installer \) -prune -o -type f -printf 'file %P %s\n' \
        -o -printf 'folder %P\n') | sort
    local key
    for key in SOFTWARE SYSTEM; do
        timeout 60 wine regedit /E "$(windows_path "$scratch/$key.reg")" \
            "HKEY_LOCAL_MACHINE\\$key" >/dev/null 2>&1
        python3 -B tests/package/registry_lines.py "$scratch/$key.reg"
    done
}

expect_as() {
    checks=$((checks + 1))
    listing >"$scratch/now"
    diff "$2" "$scratch/now" >"$scratch/diff" ||
        fail "$1: not as it was before: $(head -n 20 "$scratch/diff")"
}

service_value() {
    run 0 reg query "$services\\ScaphandreDrv$1" /v "$2"
    awk -v name="$2" '$1 == name { $1 = $2 = ""; sub(/^ +/, ""); print }' <<<"$out"
}

# The versions in the list of installed programs.
products() {
    timeout 60 wine regedit /E "$(windows_path "$scratch/arp.reg")" \
        'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' >/dev/null 2>&1
    iconv -f utf-16 -t utf-8 "$scratch/arp.reg" | tr -d '\r' |
        sed -n 's/^"DisplayVersion"="\(.*\)"$/\1/p' | sort | paste -sd ' '
}

# The simulated driver in the place of the installed one, as only a test does it.
put_simulated_in_place() {
    cp dist/sim/ScaphandreDrv.sys "$installed"
    run 0 reg add "$services\\ScaphandreDrv\\Parameters" /v Recording /t REG_SZ /f \
        /d "$(windows_path "$PWD/dist/sim/recordings/haswell-ep-2s.rec")"
}

scenario_refused() {
    install 67 "$current" ACCESS=nobody
    expect_log "ACCESS=nobody is not understood. Use ACCESS=admins"
    install 67 "$current" START=maybe
    expect_log "START=maybe is not understood"
    expect_as "refused properties" "$scratch/before"
}

# The production driver cannot start under Wine: what a machine without RAPL does.
scenario_start_fails() {
    install 67 "$current"
    expect_log "Running C:\\Program Files\\windows-rapl-driver\\DriverLoader.exe install" \
        "DriverLoader says: Created the service ScaphandreDrv, start type auto." \
        "DriverLoader start failed with exit code 3." "What to do:" \
        "The driver's service, settings and file are as they were."
    expect_as "a start that fails is rolled back" "$scratch/before"
}

scenario_install() {
    install 0 "$current" START=0 ACCESS=users
    expect "files" "$(python3 -B tests/package/shipped.py | sort)" \
        "$(cd "$program" && find . -type f -printf '%P\n' | sort)"
    expect_true "the driver is the production one" \
        cmp dist/windows/ScaphandreDrv.sys "$installed"
    expect "start type" 0x3 "$(service_value '' Start)"
    expect "policy" 0x1 "$(service_value '\Parameters' AccessPolicy)"
    expect "in the list of programs" "$version" "$(products)"
    run 0 reg query 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment' /v PATH
    expect_words "in PATH" ';C:\Program Files\windows-rapl-driver'
    expect_true "nothing is kept for a rollback" \
        [ -z "$(find "$drivers" -name 'ScaphandreDrv.sys.*')" ]
    put_simulated_in_place
    run 0 "$program/DriverLoader.exe" start
    expect_words "it starts" "SIMULATED"
    run 0 "$program/rapl.exe" read -i 200ms -n 1
    expect_words "energy" "package" "dram" "simulated"
    expect_match "energy is not 0" '0 +package +[0-9]*[1-9][0-9]*\.[0-9]+' "$out"
}

scenario_repair() {
    rm "$program/rapl.exe"
    printf 'damaged' >"$program/DriverLoader.exe"
    run 0 reg delete "$services\\ScaphandreDrv\\Parameters" /v AccessPolicy /f
    # what msiexec /fa is short for; Wine's msiexec does not do /f
    msi 0 /i "$(windows_path "$current")" REINSTALL=ALL REINSTALLMODE=amus
    expect_true "rapl.exe is back" cmp dist/windows/rapl.exe "$program/rapl.exe"
    expect_true "DriverLoader is repaired" cmp dist/windows/DriverLoader.exe \
        "$program/DriverLoader.exe"
    expect_true "the driver is the production one again" \
        cmp dist/windows/ScaphandreDrv.sys "$installed"
    expect "policy as installed" 0x1 "$(service_value '\Parameters' AccessPolicy)"
    expect "start type as installed" 0x3 "$(service_value '' Start)"
}

# With DriverLoader gone, the MSI removes the driver all the same.
scenario_remove_damaged() {
    install 0 "$current" START=0
    rm "$program/DriverLoader.exe"
    remove "$current"
    expect_log "removed without it"
}

remove() {
    msi 0 /x "$(windows_path "$1")"
    expect_as "removed" "$scratch/before"
}

scenario_upgrade() {
    install 0 "$older" START=0 ACCESS=unrestricted
    expect "the older one" 0.9.0 "$(products)"
    # changed by hand since
    run 0 "$program/DriverLoader.exe" install --access=admins --start=demand
    install 0 "$current"
    expect "the newer one instead" "$version" "$(products)"
    expect "policy kept" 0x0 "$(service_value '\Parameters' AccessPolicy)"
    expect "start type kept" 0x3 "$(service_value '' Start)"
    install 67 "$older"
    expect "still the newer one" "$version" "$(products)"
}

# A listing without what Windows Installer knows of its products, which Wine does not roll back.
unregistered() {
    listing | grep -v 'CurrentVersion\\\(Uninstall\|Installer\)\|Classes\\Installer'
}

# A removal that fails once the driver is gone, by an action without data that is added to an MSI.
# Not later, after RemoveFiles: Wine does not put removed files back, and ends the rollback there.
scenario_remove_fails() {
    local copy=$scratch/failing.msi
    make_msi 0.9.1 "$copy"
    msibuild "$copy" -q "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`)
        VALUES ('Fail', 3073, 'RaplActions', 'RaplLoader')" \
        "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Condition\`, \`Sequence\`)
        VALUES ('Fail', '%RAPL_FAIL', 1720)"
    install 0 "$copy" START=0 ACCESS=unrestricted
    put_simulated_in_place
    run 0 "$program/DriverLoader.exe" start
    unregistered >"$scratch/running"
    export RAPL_FAIL=1
    msi 67 /x "$(windows_path "$copy")"
    unset RAPL_FAIL
    expect_log "DriverLoader says: Deleted the service" \
        "The driver's service, settings and file are as they were."
    unregistered >"$scratch/now"
    expect "a removal that fails is rolled back" "" "$(diff "$scratch/running" "$scratch/now")"
    expect_true "the driver that was in place" cmp dist/sim/ScaphandreDrv.sys "$installed"
    run 0 "$program/DriverLoader.exe" status
    expect_words "it runs again" "running" "unrestricted"
    remove "$copy"
}

# Over a driver that runs and that no MSI installed: all of it comes back.
scenario_foreign_driver() {
    loader 0 install --simulated "--recording=$SIM/recordings/haswell-ep-2s.rec" --start=system \
        --access=unrestricted
    loader 0 start
    listing >"$scratch/foreign"
    install 67 "$current" ACCESS=admins
    expect_log "DriverLoader says: Stopped the driver that ran"
    expect_as "the driver that was there before" "$scratch/foreign"
    expect_true "its file" cmp dist/sim/ScaphandreDrv.sys "$installed"
    loader 0 status
    expect_words "it runs again" "running" "unrestricted"
    loader 0 remove
    expect_as "removed by hand" "$scratch/before"
}

cp "dist/package/windows-rapl-driver-$version.msi" "$current"
make_msi 0.9.0 "$older"
listing >"$scratch/before"
scenario_refused
scenario_start_fails
scenario_install
scenario_repair
remove "$current"
scenario_upgrade
remove "$current"
scenario_remove_damaged
scenario_remove_fails
scenario_foreign_driver
finish
