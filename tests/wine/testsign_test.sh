#!/usr/bin/env bash
# DriverLoader testsign: certificates into the machine's stores and exactly those out again, bcdedit
# by its full path, and the reasons for which nothing is done.
#
# Wine cannot show: test mode itself, Secure Boot (only the registry value that tells of it), and
# that a certificate in a store makes Windows load anything. Its bcdedit is a stand-in.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

SIM=dist/windows
drive=$WINEPREFIX/drive_c
log=$drive/bcdedit.log
notes='HKLM\Software\windows-rapl-driver'
stores='HKLM\Software\Microsoft\SystemCertificates'

# certificate NAME DAYS USAGE [SIGNER]: C:\NAME.cer (DER) and C:\NAME.pem, signed by itself or by
# another one. Days below 0 make one that has expired.
certificate() {
    local signer=${4:-$1} by=(-signkey "$drive/$1.key")
    openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$1 test" -keyout "$drive/$1.key" \
        -out "$drive/$1.csr" 2>/dev/null
    [[ $signer == "$1" ]] || by=(-CA "$drive/$signer.pem" -CAkey "$drive/$signer.key")
    openssl x509 -req -in "$drive/$1.csr" "${by[@]}" -days "$2" \
        -extfile <(echo "extendedKeyUsage=$3") -out "$drive/$1.pem" 2>/dev/null
    openssl x509 -in "$drive/$1.pem" -outform DER -out "$drive/$1.cer"
}

thumbprint() {
    openssl x509 -in "$drive/$1.pem" -noout -fingerprint -sha1 | tr -d : | cut -d= -f2
}

# in_store STORE NAME
in_store() {
    wine reg query "$stores\\$1\\Certificates\\$(thumbprint "$2")" >/dev/null 2>&1
}

expect_in() {
    expect_true "$2 is in $1" in_store "$1" "$2"
}

expect_not_in() {
    checks=$((checks + 1))
    ! in_store "$1" "$2" || fail "$2 is in $1"
}

expect_no_notes() {
    run 1 reg query "$notes"
}

scenario_refusals() {
    loader 64 testsign
    expect_words "a word is needed" "testsign on"
    loader 64 testsign off '--certificate=C:\good.cer'
    expect_words "off takes none" "takes out what"
    loader 9 testsign on '--certificate=C:\none.cer'
    loader 65 testsign on '--certificate=C:\good.key'
    expect_words "a key is no certificate" "not a certificate"
    loader 65 testsign on '--certificate=C:\web.cer'
    expect_words "for a web server" "not one for code signing" "nothing was changed"
    loader 65 testsign on '--certificate=C:\old.cer'
    expect_words "expired" "expired"
    loader 65 testsign on --root
    expect_words "Root of nothing" "--certificate=FILE"
    loader 65 testsign on '--certificate=C:\issued.cer' --root
    expect_words "not a root" "issued by another one"
    run 0 reg add 'HKLM\System\CurrentControlSet\Control\SecureBoot\State' \
        /v UEFISecureBootEnabled /t REG_DWORD /d 1 /f
    loader 66 testsign on '--certificate=C:\good.cer' --root
    expect_words "Secure Boot" "Secure Boot is on" "BitLocker" "nothing was changed"
    loader 0 testsign status
    expect_match "status: Secure Boot" 'Secure Boot +yes' "$out"
    run 0 reg add 'HKLM\System\CurrentControlSet\Control\SecureBoot\State' \
        /v UEFISecureBootEnabled /t REG_DWORD /d 0 /f
    expect_true "bcdedit was not run" test ! -e "$log"
    for store in TrustedPublisher Root; do
        for name in good web old issued; do
            expect_not_in "$store" "$name"
        done
    done
    expect_no_notes
}

scenario_without_certificate() {
    loader 0 testsign on
    expect_words "on" "after a restart" "Next: restart Windows" "Test Mode"
    expect "bcdedit by its full path" '"C:\windows\system32\bcdedit.exe" /set testsigning on' \
        "$(tr -d '\r' <"$log" | tail -n 1)"
    expect_no_notes
    loader 0 testsign off
    expect "off" '"C:\windows\system32\bcdedit.exe" /set testsigning off' \
        "$(tr -d '\r' <"$log" | tail -n 1)"
}

scenario_publisher() {
    loader 0 testsign on '--certificate=C:\good.pem'
    expect_words "said" "$(thumbprint good)" "good test" "TrustedPublisher"
    expect_in TrustedPublisher good
    expect_not_in Root good
    loader 0 testsign status --json
    expect_words "status" "$(thumbprint good) in TrustedPublisher"
    loader 0 testsign on '--certificate=C:\good.cer'
    loader 0 testsign off --json
    expect_words "off says what it did" "$(thumbprint good)" "TrustedPublisher" '"result":"ok"'
    expect_not_in TrustedPublisher good
    expect_no_notes
}

scenario_root() {
    loader 0 testsign on '--certificate=C:\good.cer' --root
    expect_in TrustedPublisher good
    expect_in Root good
    loader 0 testsign off
    expect_not_in TrustedPublisher good
    expect_not_in Root good
    expect_no_notes
}

# What was there before stays there.
scenario_already_there() {
    loader 0 testsign on '--certificate=C:\good.cer'
    run 0 reg delete "$notes" /f
    loader 0 testsign on '--certificate=C:\good.cer'
    expect_no_notes
    loader 0 testsign off
    expect_in TrustedPublisher good
    run 0 reg add "$notes\\TestSigning" /v "$(thumbprint good)" /t REG_DWORD /d 1 /f
    run 0 reg add "$notes\\TestSigning" /v "not a thumbprint" /t REG_SZ /d x /f
    loader 0 testsign off
    expect_not_in TrustedPublisher good
    run 0 reg query "$notes\\TestSigning"
    expect_words "somebody else's value stays" "not a thumbprint"
    run 0 reg delete "$notes" /f
}

scenario_bcdedit_fails() {
    touch "$drive/bcdedit.fails"
    loader 66 testsign on '--certificate=C:\good.cer' --root
    expect_words "its words" "ended with 1" "The value is protected" "by something."
    expect_not_in TrustedPublisher good
    expect_not_in Root good
    expect_no_notes
    rm "$drive/bcdedit.fails" "$drive/windows/system32/bcdedit.exe"
    loader 66 testsign on '--certificate=C:\good.cer'
    expect_words "no bcdedit" "cannot run bcdedit.exe" "Windows error 2 (0x2)"
    expect_not_in TrustedPublisher good
    expect_no_notes
}

certificate good 30 codeSigning
certificate web 30 serverAuth
certificate old -1 codeSigning
certificate issued 30 codeSigning good
cp build/windows/tests/wine/bcdedit.exe "$drive/windows/system32/bcdedit.exe"
for scenario in refusals without_certificate publisher root already_there bcdedit_fails; do
    "scenario_$scenario"
done
finish
