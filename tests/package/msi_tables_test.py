#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: msi_tables_test.py MSI [--write]

The finished MSI, table by table, against tests/package/msi_tables.txt, which was read by a person;
--write writes that file anew, to be read again. What follows from contents alone (sizes, hashes,
codes, the version) is checked here and written as <...> there. Also: every key that a table refers
to exists, and the cabinet holds exactly the files, in order.
"""
import hashlib
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REVIEWED = Path(__file__).with_name("msi_tables.txt")
REFERENCES = [  # table, column, table it refers to
    ("File", "Component_", "Component"), ("Component", "Directory_", "Directory"),
    ("Directory", "Directory_Parent", "Directory"), ("Registry", "Component_", "Component"),
    ("Environment", "Component_", "Component"), ("FeatureComponents", "Component_", "Component"),
    ("FeatureComponents", "Feature_", "Feature"), ("MsiFileHash", "File_", "File"),
    ("CustomAction", "Source", "Binary"), ("Feature", "Directory_", "Directory"),
    ("ActionText", "Action", "CustomAction"),
]
# Actions that Windows Installer may run in any order but these: action, what must be before it.
ORDER = [("RaplRestore", "InstallInitialize"), ("RaplSave", "RaplRestore"),
         ("RemoveExistingProducts", "InstallInitialize"), ("RaplRestore", "RemoveExistingProducts"),
         ("RaplRemove", "RaplSave"), ("RemoveFiles", "RaplRemove"), ("InstallFiles", "RaplSave"),
         ("RaplInstall", "InstallFiles"), ("RaplStart", "RaplInstall"),
         ("RaplForget", "RaplStart"), ("InstallFinalize", "RaplForget"),
         ("InstallValidate", "RaplPrepare"), ("RaplPrepare", "CostFinalize")]


def run(*command):
    """msiinfo export writes the streams of a table into the current folder, too."""
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(command, capture_output=True, check=True, text=True,
                              cwd=scratch).stdout


class Table:
    def __init__(self, msi, name):
        lines = run("msiinfo", "export", msi, name).replace("\r", "").split("\n")
        self.columns, self.types = lines[0].split("\t"), lines[1].split("\t")
        self.keys = lines[2].split("\t")[1:]
        self.rows = [dict(zip(self.columns, line.split("\t"))) for line in lines[3:] if line]

    def column(self, name):
        return [row[name] for row in self.rows]

    def sorted(self):
        order = "Sequence" if "Sequence" in self.columns else self.keys[0]
        return sorted(self.rows, key=lambda row: (int(row[order]) if row[order].isdigit() else 0,
                                                  [row[key] for key in self.keys]))


def text(msi, version):
    lines = ["# The MSI's tables as they are shipped. Read every change of this file: it is what",
             "# happens on a user's machine. Written by tests/package/msi_tables_test.py --write.",
             ""]
    names = sorted(set(run("msiinfo", "tables", msi).split()) - {"_ForceCodepage"})
    tables = {name: Table(msi, name) for name in names}
    code = {row["Property"]: row["Value"] for row in tables["Property"].rows}["ProductCode"]
    for name, table in tables.items():
        columns = " | ".join(map(":".join, zip(table.columns, table.types)))
        lines.append(f"[{name}] {columns}")
        for row in table.sorted():
            lines.append("  " + " | ".join(shown(name, column, row, version, code)
                                           for column in table.columns))
        lines.append("")
    return tables, "\n".join(lines)


def shown(table, column, row, version, code):
    value = row[column]
    if table == "File" and column == "FileSize":
        return "<size>"
    if table == "MsiFileHash" and column.startswith("HashPart"):
        return "<md5>"
    if table == "_SummaryInformation" and column == "Value":
        if row["PropertyId"] == "9":
            return "<package code>"
        if row["PropertyId"] in ("12", "13"):
            return "<date>"
    value = value.replace(code, "<product code>")
    return re.sub(rf"(?<![\d.]){re.escape(version)}(?!\d)", "<version>", value)


def check_references(tables, version):
    for row in tables["File"].rows:
        image = row["FileName"].endswith((".sys", ".exe", ".dll"))
        assert (row["Version"] == version + ".0") == image, f"{row}: the version of its resource"
    for table, column, target in REFERENCES:
        keys = set(tables[target].column(tables[target].keys[0])) | {""}
        missing = set(tables[table].column(column)) - keys
        assert not missing, f"{table}.{column}: not in {target}: {missing}"
    for table in tables.values():
        keys = [tuple(row[key] for key in table.keys) for row in table.rows]
        assert len(keys) == len(set(keys))
    components = tables["Component"]
    assert len(set(components.column("ComponentId"))) == len(components.rows)
    for row in components.rows:
        where = tables["Registry"] if row["Component"] == "Settings" else tables["File"]
        assert row["KeyPath"] in where.column(where.keys[0]), row
    used = set(tables["FeatureComponents"].column("Component_"))
    assert used == set(components.column("Component")), "a component without a feature"
    sequence = {row["Action"]: int(row["Sequence"]) for row in
                tables["InstallExecuteSequence"].rows}
    for action, before in ORDER:
        assert sequence[before] < sequence[action], f"{before} must come before {action}"
    types = {row["Action"]: int(row["Type"]) for row in tables["CustomAction"].rows}
    assert types["RaplRestore"] == 0x1 | 0x100 | 0x400 | 0x800, "a rollback action, as SYSTEM"
    assert types["RaplForget"] == 0x1 | 0x200 | 0x400 | 0x800, "a commit action, as SYSTEM"
    assert set(types) <= set(sequence), "an action that never runs"


def check_files(msi, tables, scratch):
    """The cabinet, unpacked, against the File and MsiFileHash tables and the files here."""
    cabinet = scratch / "rapl.cab"
    cabinet.write_bytes(subprocess.run(["msiinfo", "extract", msi, "rapl.cab"],
                                       capture_output=True, check=True).stdout)
    names = [line.split()[0] for line in run("gcab", "-t", cabinet).splitlines()]
    files = tables["File"].sorted()
    assert names == [row["File"] for row in files], "cabinet and File table differ"
    assert tables["Media"].rows[0]["LastSequence"] == str(len(files))
    subprocess.run(["gcab", "-x", "-C", scratch, cabinet], check=True, capture_output=True)
    hashes = {row["File_"]: row for row in tables["MsiFileHash"].rows}
    for row in files:
        content = (scratch / row["File"]).read_bytes()
        assert str(len(content)) == row["FileSize"], row
        if row["Version"]:
            continue
        parts = [str(part) for part in struct.unpack("<4i", hashlib.md5(content).digest())]
        assert [hashes[row["File"]][f"HashPart{i}"] for i in range(1, 5)] == parts, row
    return {row["FileName"].rpartition("|")[2]: scratch / row["File"] for row in files}


def main():
    msi = Path(sys.argv[1]).resolve()
    version = (ROOT / "VERSION").read_text().strip()
    tables, found = text(msi, version)
    if sys.argv[2:] == ["--write"]:
        REVIEWED.write_text(found)
        return 0
    check_references(tables, version)
    with tempfile.TemporaryDirectory() as scratch:
        files = check_files(msi, tables, Path(scratch))
        for name in ("ScaphandreDrv.sys", "DriverLoader.exe", "rapl.exe"):
            assert files[name].read_bytes() == (ROOT / "dist/windows" / name).read_bytes(), name
        simulated = (ROOT / "dist/sim/ScaphandreDrv.sys").read_bytes()
        assert all(path.read_bytes() != simulated for path in files.values())
    if found != REVIEWED.read_text():
        other = Path(tempfile.gettempdir()) / f"msi_tables.{os.getpid()}.txt"
        other.write_text(found)
        print(run("sh", "-c", f"diff {REVIEWED} {other} || true"))
        other.unlink()
        print("The tables changed. If that is meant: msi_tables_test.py MSI --write, and read it.")
        return 1
    print(f"{len(tables)} tables, {len(tables['File'].rows)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
