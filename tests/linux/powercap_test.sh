#!/usr/bin/env bash
# Powercap trees of different machines, played from recordings and read through librapl: each
# counter once, the same energy as the recording has to one count, and what is said when there is
# none.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
play=build/linux/tests/powercap/powercap_play
dump=$work/rapl_dump
cp build/linux/tests/tools/rapl_dump "$dump" # where another user may run it

# play_tree NAME RECORDING MS OPTION...: a tree that was played; what it gained is in NAME.gains
play_tree() {
    local name=$1 recording=$2 ms=$3
    shift 3
    rm -rf "${work:?}/$name"
    "$play" "$@" "recordings/$recording.rec" "$work/$name" "$ms" </dev/null |
        grep -v '^ready$' >"$work/$name.gains"
}

# read_tree NAME OPTION...
read_tree() {
    local name=$1
    shift
    out=$("$dump" --source powercap --path "$work/$name" "$@" 2>"$work/errors") || true
}

# play_live NAME RECORDING MS OPTION...: as play_tree (MS "": all of it), and $out is what a session
# counted that was open all the time.
play_live() {
    local name=$1 recording=$2 ms=$3 player
    shift 3
    rm -rf "${work:?}/$name" "$work/go" "$work/log" "$work/said"
    mkfifo "$work/go"
    touch "$work/log" "$work/said"
    "$play" "$@" "recordings/$recording.rec" "$work/$name" ${ms:+"$ms"} <"$work/go" >"$work/log" &
    player=$!
    exec 8>"$work/go"
    until grep -q ready "$work/log"; do sleep 0.01; done
    "$dump" --source powercap --path "$work/$name" --settle >"$work/dump" 2>"$work/said" &
    until grep -q open "$work/said"; do sleep 0.01; done
    echo >&8
    exec 8>&-
    wait "$player"
    wait
    grep -v '^ready$' "$work/log" >"$work/$name.gains"
    out=$(<"$work/dump")
}

# Every domain counted what its zone gained, to one count. Prints the comparison.
expect_gains() {
    checks=$((checks + 1))
    awk '
        NR == FNR { counts[$1] = $2; unit[$1] = $3; next }
        $1 == "domain" {
            found = $8 * 1000 / unit[$2]; off = found - counts[$2]
            printf "%s %s: recorded %d, counted %.2f\n", $2, $3, counts[$2], found
            n++; if (!($2 in counts) || off > 1 || off < -1 || counts[$2] == 0) bad = 1
        }
        END { exit !(n > 0 && !bad) }' "$work/$1.gains" - <<<"$out" || fail "$1: energy differs"
}

domains() {
    awk '$1 == "domain" { printf "%s%s=%s.%s", s, $2, $3, $4; s = " " }' <<<"$out"
}

# ---- energy, to one count -----------------------------------------------------------------------

play_live trace intel-package-99ms ""
expect_gains trace
expect_match "the trace's counts, a wrap among them" '^intel-rapl:0 1464009 61035$' \
    "$(<"$work/trace.gains")"
play_live steps ../tests/emi/steps-intel-2s ""
expect_gains steps
expect "the steps' counts, which tests/wine/emi_test.sh has too" \
    "intel-rapl:0 700001 intel-rapl:0:0 300007 intel-rapl:1 500009 intel-rapl:1:0 100003" \
    "$(awk '{ printf "%s%s %s", s, $1, $2; s = " " }' "$work/steps.gains")"
out=$("$dump" --source replay --path tests/emi/steps-intel-2s.rec --settle 2>/dev/null)
for line in 'package_0_package package 0 - RAPL_OK 1/16384 700001 ' \
    'package_1_package package 1 - RAPL_OK 1/16384 500009 ' \
    'package_0_dram dram 0 - RAPL_OK 1/65536 300007 ' \
    'package_1_dram dram 1 - RAPL_OK 1/65536 100003 '; do
    expect_match "the steps replayed" "$line" "$out"
done
play_live client client-intel 600 --mmio
expect_gains client
play_live servers haswell-ep-2s 600
expect_gains servers
play_live spr sapphire-rapids-2s 600
expect_gains spr
play_live zen zen-desktop 600
expect_gains zen

# ---- each counter once --------------------------------------------------------------------------

read_tree client
expect "client, with an MMIO double" "intel-rapl:0=package.0 intel-rapl:0:0=pp0.0 \
intel-rapl:0:1=pp1.0 intel-rapl:0:2=dram.0" "$(domains)"
read_tree servers
expect "two sockets" "intel-rapl:0=package.0 intel-rapl:0:0=dram.0 intel-rapl:1=package.1 \
intel-rapl:1:0=dram.1" "$(domains)"
read_tree spr
expect_match "psys belongs to the first package" ' intel-rapl:[0-9]=psys.0' "$(domains)"
read_tree zen
expect "AMD's core zone is one core: not shown" "intel-rapl:0=package.0" "$(domains)"
read_tree zen --cores
expect "unless cores are asked for" "intel-rapl:0=package.0 intel-rapl:0:0=core.0" "$(domains)"
play_tree dies zen-desktop 1 --dies 2
read_tree dies
expect "dies that mirror their socket" "intel-rapl:0=package.0" "$(domains)"

# ---- no energy ----------------------------------------------------------------------------------

as_user=()
[[ $(id -u) -ne 0 ]] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
find "$work/client" -name energy_uj -exec chmod 0400 {} +
[[ $(id -u) -eq 0 ]] || find "$work/client" -name energy_uj -exec chmod 0 {} +
out=$("${as_user[@]}" "$dump" --source powercap --path "$work/client" 2>&1) || true
expect_words "denied" "powercap RAPL_ERROR_DENIED" "CVE-2020-8694" \
    "sudo chmod a+r $work/client/intel-rapl*:*/energy_uj"
chmod a+r "$work"/client/intel-rapl*:*/energy_uj
out=$("${as_user[@]}" "$dump" --source powercap --path "$work/client" 2>&1) || true
expect_match "the remedy works" 'package 0 - RAPL_OK' "$out"

mkdir "$work/empty"
read_tree empty
expect_words "no zone" "RAPL_ERROR_NOT_HERE" "has no folder intel-rapl:0"
read_tree nowhere
expect_words "no folder" "RAPL_ERROR_NOT_HERE" "is not a folder"
cp -r "$work/client" "$work/masked"
rm -rf "$work"/masked/intel-rapl/* "$work"/masked/intel-rapl-mmio/*
mkdir "$work/masked/intel-rapl/intel-rapl:0"
read_tree masked
expect_words "a container" "RAPL_ERROR_NOT_HERE" "systempaths=unconfined"
cp -r "$work/client" "$work/garbage"
echo '12 J' >"$work/garbage/intel-rapl:0/energy_uj"
read_tree garbage
expect_match "garbage in one file" 'intel-rapl:0 package 0 - RAPL_ERROR_GARBAGE' "$out"
expect_match "the others count" 'intel-rapl:0:0 pp0 0 - RAPL_OK' "$out"

# ---- a zone that vanishes while it is read ------------------------------------------------------

: >"$work/said"
"$dump" --source powercap --path "$work/zen" --settle >"$work/dump" 2>"$work/said" &
until grep -q open "$work/said"; do sleep 0.01; done
rm -r "$work/zen"
wait
expect_match "gone" 'intel-rapl:0 package 0 - RAPL_ERROR_GONE' "$(<"$work/dump")"

# ---- cost ---------------------------------------------------------------------------------------

read_tree servers --cost
cost=$(awk '/^cost/ { print $4 }' <<<"$out")
echo "$out" | grep '^cost'
# 10 Hz on 1 % of a core: 1 ms a reading
expect_true "a reading in less than 1 ms (${cost:-no} ns)" test "${cost:-9999999}" -lt 1000000

finish
