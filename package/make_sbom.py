#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: make_sbom.py OUT.spdx.json BINARIES DRIVER

The bill of materials, SPDX 2.3: each shipped file by its hashes, and what of other projects is
linked into the programs. The driver holds nothing but this project's code.
"""
import hashlib
import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

import release

# Linked into every Windows program by the compiler; the Debian packages the code comes from.
RUNTIMES = [
    ("mingw-w64", "mingw-w64-x86-64-dev", "ZPL-2.1",
     "start-up code and parts of the C library of Windows programs"),
    ("libgcc", "gcc-mingw-w64-x86-64-win32-runtime", "GPL-3.0-or-later WITH GCC-exception-3.1",
     "compiler support routines, where a program uses any"),
]


def debian_version(package):
    result = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True,
                            text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 and result.stdout else "NOASSERTION"


def reference(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def file_entry(file):
    content = file.source.read_bytes()
    binary = file.name.endswith((".sys", ".exe", ".dll", ".cat", ".lib", ".a"))
    return {
        "SPDXID": reference("File", file.target),
        "fileName": f"./{file.target}",
        "fileTypes": ["BINARY" if binary else "TEXT"],
        "checksums": [{"algorithm": name.upper(), "checksumValue": hashlib.new(name, content)
                       .hexdigest()} for name in ("sha1", "sha256")],
        "licenseConcluded": "Apache-2.0",
        "licenseInfoInFiles": ["Apache-2.0"],
        "copyrightText": "NOASSERTION",
    }


def runtime_entry(name, package, licence, comment):
    return {
        "SPDXID": reference("Package", name), "name": name, "versionInfo": debian_version(package),
        "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
        "copyrightText": "NOASSERTION", "comment": f"Debian package {package}: {comment}",
    }


def verification_code(entries):
    """SPDX 2.3, 7.9: the SHA-1 of the sorted SHA-1s."""
    hashes = sorted(entry["checksums"][0]["checksumValue"] for entry in entries)
    return hashlib.sha1("".join(hashes).encode()).hexdigest()


def relationships(entries, product):
    yield "SPDXRef-DOCUMENT", "DESCRIBES", product
    for entry in entries:
        yield product, "CONTAINS", entry["SPDXID"]
    for entry in entries:
        if entry["fileName"].endswith((".exe", ".dll")):
            for name, *_ in RUNTIMES:
                yield entry["SPDXID"], "STATIC_LINK", reference("Package", name)


def document(files):
    entries = [file_entry(file) for file in files]
    product = reference("Package", release.PRODUCT)
    code = verification_code(entries)
    name = f"{release.PRODUCT}-{release.version()}"
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{name}-"
                             f"{uuid.uuid5(release.NAMESPACE, 'sbom:' + code)}",
        "creationInfo": {"created": f"{release.date():%Y-%m-%d}T00:00:00Z",
                         "creators": ["Tool: package/make_sbom.py",
                                      f"Organization: {release.MANUFACTURER}"]},
        "packages": [{
            "SPDXID": product, "name": release.PRODUCT, "versionInfo": release.version(),
            "supplier": f"Organization: {release.MANUFACTURER}",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
            "packageVerificationCode": {"packageVerificationCodeValue": code},
            "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
            "licenseInfoFromFiles": ["Apache-2.0"], "copyrightText": "NOASSERTION",
        }] + [runtime_entry(*runtime) for runtime in RUNTIMES],
        "files": entries,
        "relationships": [{"spdxElementId": left, "relationshipType": kind,
                           "relatedSpdxElement": right}
                          for left, kind, right in relationships(entries, product)],
    }


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    files = release.shipped_files(sys.argv[2], sys.argv[3])
    Path(sys.argv[1]).write_text(json.dumps(document(files), indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
