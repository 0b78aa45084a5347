#!/usr/bin/env bash
# DriverLoader from the first call to the last: usage, wrong files, a driver's whole life, replacing
# what another program installed, and putting everything back when a step fails.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

package=$WINEPREFIX/drive_c/package # the loader and a driver, away from the current folder
SIM=$package                        # where lib.sh's `loader` finds the program
sim_sys=$PWD/dist/sim/ScaphandreDrv.sys
prod_sys=$PWD/dist/windows/ScaphandreDrv.sys
recordings=$PWD/dist/sim/recordings
drivers=$WINEPREFIX/drive_c/windows/system32/drivers
installed=$drivers/ScaphandreDrv.sys

# place DRIVER: puts it beside the loader.
place() {
    cp "$1" "$package/ScaphandreDrv.sys"
}

nothing_installed() {
    [[ -z $(find "$drivers" -iname 'ScaphandreDrv*' -print) ]]
}

# json_is FIELD VALUE: of the object in $out.
json_is() {
    [[ $(grep '^{' <<<"$out" | python3 -c \
        'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1") == "$2" ]]
}

scenario_usage() {
    loader 64
    expect_words "no argument: usage" "Usage: DriverLoader VERB" "no verb given"
    loader 0 --help
    expect_words "--help" "Exit codes:"
    loader 0 --version
    expect_words "--version" "DriverLoader $(cat VERSION)"
    loader 64 bogus
    expect_words "unknown verb named" "unknown verb: bogus"
    loader 64 install --acces=users
    expect_words "unknown option named" "unknown option: --acces=users"
    loader 64 install --access=nobody
    expect_words "bad value named" "--access=nobody" "--access=unrestricted"
    loader 64 start --no-wait
    expect_words "option of another verb" "stop --no-wait"
    loader 64 install --recording=x
    expect_words "recording without --simulated" "--simulated"
    loader 64 bogus --json
    expect_words "usage error as JSON" '"result":"error"' '"code":64'
}

scenario_wrong_files() {
    rm -f "$package/ScaphandreDrv.sys"
    loader 9 install
    expect_words "no .sys beside" "Windows error 2 (0x2)" "one folder"
    place "$sim_sys"
    loader 65 install
    expect_words "simulated needs --simulated" "install --simulated"
    place "$prod_sys"
    loader 65 install --simulated
    expect_words "production refuses --simulated" "not the simulated driver"
    head -c 4000 "$prod_sys" >"$package/ScaphandreDrv.sys"
    loader 65 install
    expect_words "truncated .sys" "cut short"
    cp dist/windows/DriverLoader.exe "$package/ScaphandreDrv.sys"
    loader 65 install
    expect_words "a program is no driver" "a program, not a driver"
    echo text >"$package/ScaphandreDrv.sys"
    loader 65 install
    expect_words "text is no driver" "not a Windows program"
    place "$sim_sys"
    loader 9 install --simulated --recording=nothing.rec
    expect_words "missing recording" "no recording at that path"
    head -c 300 "$package/recordings/client-intel.rec" >"$package/cut.rec"
    loader 65 install --simulated "--recording=Z:${package//\//\\}\\cut.rec"
    expect_words "cut recording: line and column" "cut.rec:"
    expect_true "nothing was installed" nothing_installed
    loader 6 status
    expect_words "not installed" "not installed"
    loader 6 start
    expect_words "start without install" "1060 (0x424)"
    loader 6 stop
    expect_words "stop without install" "1060 (0x424)"
    loader 0 remove
    expect_words "remove without install" "nothing to remove"
}

scenario_simulated_life() {
    place "$sim_sys"
    loader 0 install --simulated
    expect_words "install" "Access policy: users" "client-intel.rec" "(SIMULATED)" \
        "Next: DriverLoader start"
    expect_true "the file is the one beside" cmp -s "$installed" "$sim_sys"
    loader 0 install --simulated
    expect_words "install again" "is up to date"
    loader 3 status
    expect_words "installed, stopped" "stopped" "auto" "users" "recording"
    loader 0 start
    expect_words "start" "SIMULATED"
    loader 0 start
    expect_words "start again" "was already running"
    loader 0 status --json
    expect_words "running" '"state":"running"' '"simulated":true'
    expect_true "version in status" json_is start_type auto
    loader 0 install --simulated --access=admins --start=demand --json
    expect_words "same file keeps running" '"state":"running"' '"policy":"admins"'
    loader 3 start "--recording=Z:${recordings//\//\\}\\zen-desktop.rec"
    expect_words "no new recording while running" "1056"
    loader 0 stop
    expect_words "stop" "Stopped"
    loader 0 stop
    expect_words "stop again" "was not running"
    loader 0 start "--recording=Z:${recordings//\//\\}\\zen-desktop.rec"
    expect_words "start with a recording" "zen-desktop.rec"
    loader 0 stop --no-wait --quiet
    expect_true "quiet says nothing" test -z "$(grep -v wine <<<"$out" | grep -i scaph)"
    loader 3 start "--recording=Z:${recordings//\//\\}\\guest-no-rapl.rec"
    expect_words "no RAPL in the recording" "50 (0x32)"
    loader 3 status
    expect_words "the earlier recording is kept" "zen-desktop.rec"
    loader 0 install --simulated
    expect_words "policy is kept" "Access policy: admins, kept as it was"
    rm -f "$installed"
    loader 3 start
    expect_words "missing .sys" "2 (0x2)" "DriverLoader install"
    loader 0 install --simulated
    expect_words "repair" "Copied"
    loader 0 remove
    expect_words "remove" "Removed"
    expect_true "nothing left" nothing_installed
    cp "$sim_sys" "$installed"
    loader 0 remove
    expect_words "a leftover file goes" "left over"
    expect_true "nothing left" nothing_installed
}

# What is there stands for the predecessor: another file, in another folder, running.
scenario_replacing() {
    mkdir -p "$WINEPREFIX/drive_c/Temp"
    cp "$sim_sys" "$WINEPREFIX/drive_c/Temp/old.sys"
    place "$sim_sys"
    loader 0 install --simulated --quiet
    run 0 sc delete ScaphandreDrv
    run 0 sc create ScaphandreDrv type= kernel binPath= 'C:\Temp\old.sys'
    loader 3 status
    expect_words "a hijacked path is seen" 'C:\Temp\old.sys' "temporary folder"
    loader 0 install --simulated
    expect_words "it is put right" 'pointed to C:\Temp\old.sys'
    loader 3 status
    expect_words "no warning left" 'System32\drivers'
    expect_true "no warning left" test -z "$(grep -i warning <<<"$out")"
    loader 0 start --quiet
    place "$prod_sys"
    loader 0 install
    expect_words "production over a running simulated one" "Stopped the driver that ran" "Copied"
    expect_true "replaced" cmp -s "$installed" "$prod_sys"
    loader 3 status --json
    expect_words "no recording left" '"simulated":false'
    loader 65 start --recording=x
    expect_words "production plays no recording" "plays no recording"
    loader 0 remove
    expect_words "remove" "Removed"
}

scenario_rollback() {
    run 0 sc create Other type= kernel binPath= 'C:\x.sys' \
        DisplayName= 'Scaphandre Driver Service'
    place "$prod_sys"
    loader 2 install
    expect_words "name taken" "1078" "Putting everything back"
    expect_true "no file stays behind" nothing_installed
    cp "$sim_sys" "$installed"
    loader 2 install
    expect_words "name taken, file there" "1078"
    expect_true "the earlier file is back" cmp -s "$installed" "$sim_sys"
    run 0 sc delete Other
    rm -f "$installed"
    mkdir "$installed"
    loader 2 install
    expect_words "target cannot be written" "cannot write" "5 (0x5)"
    rmdir "$installed"
    loader 6 status
    expect_words "no service stays behind" "not installed"
    run 0 sc create ScaphandreDrv type= own binPath= 'C:\x.exe'
    loader 7 install
    expect_words "a service that is no driver" "not touched"
    run 0 sc delete ScaphandreDrv
    expect_true "nothing left" nothing_installed
}

mkdir "$package"
cp dist/windows/DriverLoader.exe "$package/"
cp -r "$recordings" "$package/recordings"
for scenario in usage wrong_files simulated_life replacing rollback; do
    "scenario_$scenario"
done
finish
