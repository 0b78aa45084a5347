#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: registry_lines.py EXPORT.reg

One line a value, with its key, sorted. Left out: keys that change by themselves under Wine, empty
keys of Windows Installer's own bookkeeping, its register of components, which Wine does not roll
back, and a ; that Wine leaves at the end of PATH.
"""
import re
import sys
from pathlib import Path

VOLATILE = re.compile(r"\\(Enum|Hardware|Prefetcher|Time Zones|Perflib|Control\\Video)(\\|$)|"
                      r"Cryptography\\RNG|\\ComputerName|Wine\\|\\Tcpip\\|NetBT|Windows Error|"
                      r"Control\\ServiceCurrent|Installer\\UserData\\S-1-5-18\\Components", re.I)
BOOKKEEPING = re.compile(r"\\Installer\\(UserData|UpgradeCodes|Features|Products)|\\Installer$",
                         re.I)


def main():
    text = Path(sys.argv[1]).read_text(encoding="utf-16")
    text = text.replace("\\\n  ", "")
    key, lines = "", []
    for line in text.splitlines():
        if line.startswith("["):
            key = line.strip("[]")
            keep = not VOLATILE.search(key)
            if keep and not BOOKKEEPING.search(key):
                lines.append(f"key {key}")
        elif line and key and keep:
            name, equals, value = line.partition("=")
            if name.upper() == '"PATH"' and value.startswith("hex(2):"):
                raw = bytes(int(byte, 16) for byte in value[7:].split(","))
                value = raw.decode("utf-16-le").rstrip("\0;")
            lines.append(f"value {key} {name}{equals}{value}")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
