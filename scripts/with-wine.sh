#!/usr/bin/env bash
# Runs a command in a Wine prefix of its own that is gone afterwards.
#
#   scripts/with-wine.sh [-t SECONDS] COMMAND [ARGUMENT...]
#
# The command finds `wine` ready: Windows 10, no Mono or Gecko questions, and a server that stays up
# between commands (demand-start services would be gone with it). The exit status is the command's;
# 124 when it took longer than SECONDS (300).
set -euo pipefail

seconds=300
if [[ ${1:-} == -t ]]; then
    seconds=$2
    shift 2
fi

scratch=$(mktemp -d)
export WINEPREFIX=$scratch/prefix WINEDEBUG=-all WINEARCH=win64
export WINEDLLOVERRIDES="mscoree=;mshtml=;winemenubuilder.exe="
unset DISPLAY WAYLAND_DISPLAY
# Without a locale, as on a new machine, Wine cannot make a file whose name is not ASCII.
export LC_ALL=C.UTF-8

cleanup() {
    exec 9>&-
    timeout 30 wineserver -k 2>/dev/null || true
    timeout 30 wineserver -w 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

# Debian 12's wine64 has a fixed address, and the kernel puts its heap at random into the gigabyte
# after it: now and then (1 start in 3,600 here) onto 0x7FFE0000, where Wine must map a page. Then
# the program ends with 1, and without a word, as errors are not shown. Containers may forbid this.
fixed_addresses=()
! setarch -R true 2>/dev/null || fixed_addresses=(setarch -R)

# One program that runs from the first to the last moment. It makes the prefix, and keeps it up:
# when a prefix's last program ends, Wine begins to end services.exe; a command that comes then gets
# a second one beside it, and each connection to the service manager reaches either.
mkfifo "$scratch/stdin"
"${fixed_addresses[@]}" wine cmd <"$scratch/stdin" >"$scratch/wine.log" 2>&1 &
exec 9>"$scratch/stdin"
printf 'echo prefix-is-ready\r\n' >&9
for ((waited = 0; ; waited++)); do
    ! grep -qs 'prefix-is-ready' "$scratch/wine.log" || break
    if ((waited == 1800)); then
        cat "$scratch/wine.log" >&2
        echo "with-wine: no Wine prefix was made within 180 s in $scratch" >&2
        exit 1
    fi
    sleep 0.1
done
timeout 60 "${fixed_addresses[@]}" wine winecfg -v win10 >/dev/null 2>&1
timeout --foreground "$seconds" "${fixed_addresses[@]}" "$@" 9>&-
