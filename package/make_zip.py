#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: make_zip.py OUT.zip BINARIES DRIVER

Every file of files.txt in one folder, sorted, with VERSION_DATE as the time of all: the same files
give the same zip, byte for byte.
"""
import sys
import zipfile
from pathlib import Path

import refuse_simulated
import release


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    out, binaries, driver = map(Path, sys.argv[1:])
    when = release.date().timetuple()[:6]
    top = f"{release.PRODUCT}-{release.version()}"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in release.shipped_files(binaries, driver):
            if refuse_simulated.is_simulated(file.source):
                sys.exit(f"make_zip: {file.source} is simulated: never packaged")
            entry = zipfile.ZipInfo(f"{top}/{file.target}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # no Unix owner or mode
            archive.writestr(entry, file.source.read_bytes())


if __name__ == "__main__":
    main()
