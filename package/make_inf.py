#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: make_inf.py OUT

ScaphandreDrv.inf of the template, with the date and the version. CRLF, as Windows' tools expect.
"""
import sys
from pathlib import Path

import release


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    template = (release.ROOT / "package/ScaphandreDrv.inf.in").read_text(encoding="ascii")
    text = template.replace("@DRIVER_VER@",
                            f"{release.date():%m/%d/%Y},{release.version()}.0")
    if "@" in text:
        sys.exit("package/ScaphandreDrv.inf.in: something between two @ is not known here")
    Path(sys.argv[1]).write_bytes(text.replace("\n", "\r\n").encode("ascii"))


if __name__ == "__main__":
    main()
