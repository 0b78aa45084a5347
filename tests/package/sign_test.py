#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: sign_test.py SOURCE_DIR

`make sign` into a folder of its own, and what it made put to the test with osslsigncode verify: the
driver by its embedded signature and through the catalog, every program, the MSI; then the driver,
the catalog and the MSI with one byte changed. Also: dist/windows stays as it is, the simulated
driver is refused, the key is gone, a signer that fails is noticed.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import catalog
from asn1crypto import x509

POSITIONS = 64  # bytes changed in each file, evenly spread
failures = []


def run(*command, **environment):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env=os.environ | environment)


def check(what, good):
    if not good:
        failures.append(what)


def verifies(path, certificate, through=None):
    command = ["osslsigncode", "verify", "-CAfile", certificate, "-ignore-timestamp"]
    if through is not None:
        command += ["-c", through]
    return run(*command, "-in", path).returncode == 0


def not_covered(content):
    """Offsets of an image that Authenticode leaves out: the checksum, the entry that says where
    the signatures are, and what pads the signature to 8 bytes."""
    pe = struct.unpack_from("<I", content, 0x3C)[0]
    entry = pe + 24 + 112 + 4 * 8
    address, size = struct.unpack_from("<II", content, entry)
    der = struct.unpack_from(">H", content, address + 10)[0] + 4
    return {*range(pe + 24 + 64, pe + 24 + 68), *range(entry, entry + 8),
            *range(address, address + 8), *range(address + 8 + der, address + size)}


def spread(begin, end, skip=()):
    step = max((end - begin) // POSITIONS, 1)
    return [at for at in range(begin, end, step) if at not in skip]


def changed(path, at, scratch):
    content = bytearray(path.read_bytes())
    content[at] ^= 0x01
    copy = scratch / path.name
    copy.write_bytes(content)
    return copy


def check_changes(path, positions, certificate, scratch, subject=None, through=None):
    """Every position changed in `path` is refused. With `subject`: `path` is the catalog."""
    accepted = []
    for at in positions:
        copy = changed(path, at, scratch)
        if subject is not None:
            good = verifies(subject, certificate, copy)
        else:
            good = verifies(copy, certificate, through)
        if good:
            accepted.append(at)
    check(f"{path.name}: accepted with a byte changed at {accepted}", not accepted)
    print(f"{path.name}: {len(positions)} bytes changed, one at a time")
    return len(positions)


def check_driver(out, certificate, scratch):
    driver = out / "driver/ScaphandreDrv.sys"
    cat = out / "driver/ScaphandreDrv.cat"
    check("the driver's own signature", verifies(driver, certificate))
    check("the driver through the catalog", verifies(driver, certificate, cat))
    check("another file is not in the catalog",
          not verifies(out / "windows/rapl.exe", certificate, cat))

    content = driver.read_bytes()
    skip = not_covered(content)
    check_changes(driver, spread(0, len(content), skip), certificate, scratch)
    # The catalog knows the driver without its signature.
    end = struct.unpack_from("<I", content, struct.unpack_from("<I", content, 0x3C)[0] + 168)[0]
    check_changes(driver, spread(0, end, skip), certificate, scratch, through=cat)
    check_changes(cat, spread(0, cat.stat().st_size), certificate, scratch, subject=driver)

    # osslsigncode reads no text files: the INF's hash is compared here.
    trust_list, signers = catalog.read(cat)
    check("the catalog has one signer", signers == 1)
    tags = {entry["tag"].native for entry in trust_list["entries"]}
    for name in ("ScaphandreDrv.inf", "ScaphandreDrv.sys"):
        for algorithm in ("sha1", "sha256"):
            digest = catalog.authenticode((out / "driver" / name).read_bytes(), algorithm)
            check(f"{name} by {algorithm} in the signed catalog", digest in tags)


def check_msi(path, certificate, scratch):
    check("the MSI", verifies(path, certificate))
    cabinet = path.read_bytes().index(b"MSCF")
    check_changes(path, spread(cabinet, cabinet + 20000)[:16], certificate, scratch)


def check_certificate(path):
    certificate = x509.Certificate.load(path.read_bytes())
    validity = certificate["tbs_certificate"]["validity"]
    days = (validity["not_after"].native - validity["not_before"].native).days
    check(f"the test certificate lives {days} days", days <= 30)
    check("code signing and nothing else",
          certificate.extended_key_usage_value.native == ["code_signing"])
    check("no authority", not certificate.basic_constraints_value["ca"].native)


def check_refusals(source, scratch):
    copy = scratch / "tree"
    for name in ("scripts", "package", "VERSION", "VERSION_DATE", "build/linux/tools/mkcat",
                 "build/windows/package/msi", "dist/windows", "dist/package/driver"):
        if (source / name).is_dir():
            shutil.copytree(source / name, copy / name)
        else:
            shutil.copy(source / name, copy / name)
    shutil.copy(source / "dist/sim/ScaphandreDrv.sys", copy / "dist/windows/ScaphandreDrv.sys")
    result = run(copy / "scripts/sign.sh")
    check("the simulated driver is refused", result.returncode != 0 and
          "is simulated: it is never signed" in result.stderr)
    check("and was not signed", not (copy / "dist/signed/windows/ScaphandreDrv.sys").exists())

    for body, words in (("exit 3", "could not"), ("exit 0", "made no")):
        signer = scratch / "signer"
        signer.write_text(f"#!/bin/sh\n[ \"$1\" = sign ] || exit 0\n{body}\n")
        signer.chmod(0o755)
        result = run(source / "scripts/sign.sh", scratch / "hook", SIGN_SCRIPT=str(signer))
        check(f"a signer of '{body}' is noticed", result.returncode != 0 and
              words in result.stderr)


def main():
    source = Path(sys.argv[1])
    before = {path: path.read_bytes() for path in (source / "dist/windows").rglob("*")
              if path.is_file()}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        out = scratch / "signed"
        result = run(source / "scripts/sign.sh", out, TMPDIR=str(scratch))
        assert result.returncode == 0, result.stderr
        certificate = scratch / "certificate.pem"
        pem = run("openssl", "x509", "-inform", "DER", "-in", out / "test-certificate.cer").stdout
        certificate.write_text(pem)

        check_certificate(out / "test-certificate.cer")
        keys = [path for path in scratch.rglob("*") if path.is_file() and
                b"PRIVATE KEY" in path.read_bytes()]
        check(f"private keys left behind: {keys}", not keys)
        check("dist/windows was changed", all(path.read_bytes() == content
                                              for path, content in before.items()))
        for path in sorted((out / "windows").rglob("*")):
            if path.suffix in (".exe", ".dll", ".sys"):
                check(f"{path.name} is signed", verifies(path, certificate))
        check_driver(out, certificate, scratch)
        for path in out.glob("*.msi"):
            check_msi(path, certificate, scratch)
        check_refusals(source, scratch)
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
