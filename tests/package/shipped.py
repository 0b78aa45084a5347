#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The files of package/files.txt, as folder/name."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "package"))
import release  # pylint: disable=wrong-import-position

for file in release.shipped_files(ROOT / "dist/windows", ROOT / "dist/package/driver"):
    print(file.target)
