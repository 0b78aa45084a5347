# SPDX-License-Identifier: Apache-2.0
"""What every packaging step needs to know: the version, its date, the files that are shipped.

Nothing here looks at the clock: VERSION_DATE is the date of everything that is packaged, so that
the same sources give the same bytes on any day.
"""
import datetime
import hashlib
import re
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = "windows-rapl-driver"
MANUFACTURER = "windows-rapl-driver project"
PROJECT_URL = "https://github.com/hubblo-org/windows-rapl-driver"

# Names derived from this one are the same for everybody who builds the same thing.
NAMESPACE = uuid.UUID("5b0a7a0e-3c0f-5d1e-9b7c-5f5c1d1f6f36")


def _read_line(name):
    return (ROOT / name).read_text(encoding="ascii").strip()


def version():
    """"1.0.0": three numbers that Windows Installer can compare."""
    text = _read_line("VERSION")
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,5}", text):
        raise SystemExit(f"VERSION: '{text}' is not of the form 1.2.3 (at most 255.255.65535)")
    major, minor, build = (int(part) for part in text.split("."))
    if major > 255 or minor > 255 or build > 65535:
        raise SystemExit(f"VERSION: '{text}' is above 255.255.65535, Windows Installer's limit")
    return text


def date():
    text = _read_line("VERSION_DATE")
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise SystemExit(f"VERSION_DATE: '{text}' is not a date like 2026-01-31") from None


def epoch():
    return int(date().timestamp())


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Shipped:
    """One file: where it comes from, and its path in the zip and under the program folder."""

    def __init__(self, source, target):
        self.source = Path(source)
        self.target = target

    @property
    def folder(self):
        return self.target.rpartition("/")[0]

    @property
    def name(self):
        return self.target.rpartition("/")[2]


def _row_files(row, binaries, package):
    """The files of one row of files.txt; a row with '?' may have none."""
    mark, pattern, folder = row
    bases = {"bin:": binaries, "package:": package, "src:": ROOT}
    prefix = next((p for p in bases if pattern.startswith(p)), None)
    if prefix is None:
        raise SystemExit(f"package/files.txt: '{pattern}' begins with none of {', '.join(bases)}")
    base = Path(bases[prefix])
    found = sorted(p for p in base.glob(pattern[len(prefix):]) if p.is_file())
    if not found and mark != "?":
        raise SystemExit(f"package: {base / pattern[len(prefix):]} is missing; run: make package")
    folder = "" if folder == "." else folder + "/"
    return [Shipped(path, folder + path.name) for path in found]


def shipped_files(binaries, package):
    """Every file of files.txt, by target. `binaries`: dist/windows or its signed copy; `package`:
    where the INF and the catalog are."""
    files = {}
    for number, line in enumerate((ROOT / "package/files.txt").read_text().splitlines(), 1):
        line = line.partition("#")[0].split()
        if not line:
            continue
        if len(line) != 3 or line[0] not in "!?":
            raise SystemExit(f"package/files.txt:{number}: not '! or ?, pattern, folder'")
        for file in _row_files(line, binaries, package):
            if file.target in files:
                raise SystemExit(f"package/files.txt:{number}: {file.target} is there already")
            files[file.target] = file
    return [files[target] for target in sorted(files)]
