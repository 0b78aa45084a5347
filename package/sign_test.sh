#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The SIGN_SCRIPT that is used when none is given: signs with a test certificate.
#
#   package/sign_test.sh begin FOLDER          makes the key and certificate; FOLDER is for the
#                                              public certificate
#   package/sign_test.sh sign IN OUT TEXT      signs a copy of IN
#   package/sign_test.sh end                   destroys the key
#
# SIGN_WORK, set by scripts/sign.sh, is a private folder that lives as long as `make sign` runs.
# The key is never anywhere else, so nothing signed later can use the trust somebody gave to this
# certificate. It is valid for TEST_DAYS (30); signatures are not time-stamped and end with it.
set -euo pipefail

work=${SIGN_WORK:?set by scripts/sign.sh}
case ${1:-} in
begin)
    umask 077
    openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days "${TEST_DAYS:-30}" \
        -subj "/CN=windows-rapl-driver test signing $(date -u +%Y-%m-%d)/O=test only, not trusted" \
        -addext "basicConstraints=critical,CA:FALSE" \
        -addext "keyUsage=critical,digitalSignature" \
        -addext "extendedKeyUsage=critical,codeSigning" \
        -keyout "$work/key.pem" -out "$work/certificate.pem" 2>"$work/openssl.log" || {
        cat "$work/openssl.log" >&2
        exit 1
    }
    openssl x509 -in "$work/certificate.pem" -outform DER -out "$2/test-certificate.cer"
    ;;
sign)
    osslsigncode sign -h sha256 -certs "$work/certificate.pem" -key "$work/key.pem" -n "$4" \
        -in "$2" -out "$3" >"$work/osslsigncode.log" 2>&1 || {
        cat "$work/osslsigncode.log" >&2
        exit 1
    }
    ;;
end)
    rm -f "$work/key.pem"
    ;;
*)
    echo "usage: sign_test.sh begin FOLDER | sign IN OUT TEXT | end" >&2
    exit 2
    ;;
esac
