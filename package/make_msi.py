#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The MSI, table by table, put together by msibuild and gcab.

usage: make_msi.py --out FILE.msi --binaries FOLDER --driver FOLDER --actions rapl_msi.dll
                   [--version 1.2.3]

--binaries has the driver and the programs, --driver the INF and the catalog. The same files give
the same MSI, byte for byte: codes come from the contents, times from VERSION_DATE.
"""
import argparse
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import msi_tables
import refuse_simulated
import release

FEATURE = "All"
CABINET = "rapl.cab"
UPGRADE_CODE = uuid.uuid5(release.NAMESPACE, "upgrade")
COMPONENT_64BIT = 0x100
COMPONENT_KEY_IS_REGISTRY = 0x4


def guid(value):
    return "{" + str(value).upper() + "}"


def identifier(prefix, path):
    """A key that Windows Installer takes: the same for the same path."""
    key = prefix + re.sub(r"[^A-Za-z0-9_.]", "_", path.replace("/", "."))
    if len(key) > 72:
        sys.exit(f"make_msi: {path}: too long a path for a key of Windows Installer's")
    return key


def short_name(name, number):
    """A unique 8.3 name, needed where there is such a file system."""
    stem, _, extension = name.rpartition(".")
    letters = "".join(c for c in (stem or extension) if c.isalnum()).upper()[:4]
    ending = "".join(c for c in extension if c.isalnum()).upper()[:3] if stem else ""
    return f"{letters}{number:04d}" + (f".{ending}" if ending else "")


def long_and_short(name, number):
    stem, _, extension = name.rpartition(".")
    fits = name.isascii() and all(c.isalnum() or c in "_." for c in name) and \
        0 < len(stem or name) <= 8 and len(extension if stem else "") <= 3 and name.count(".") <= 1
    return name if fits else f"{short_name(name, number)}|{name}"


def file_version(path):
    """The version of a PE file's resource, "" if it has none."""
    content = path.read_bytes()
    # VS_FIXEDFILEINFO: its signature and its structure's version; programs may have the first alone
    at = content.find(struct.pack("<II", 0xFEEF04BD, 0x00010000))
    if content[:2] != b"MZ" or at < 0:
        return ""
    high, low = struct.unpack_from("<II", content, at + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def directory_rows(files):
    rows = [("TARGETDIR", "", "SourceDir"), ("ProgramFiles64Folder", "TARGETDIR", "."),
            ("INSTALLDIR", "ProgramFiles64Folder", f"RAPL|{release.PRODUCT}")]
    keys = {"": "INSTALLDIR"}
    for folder in sorted({file.folder for file in files}):
        path = ""
        for part in folder.split("/") if folder else []:
            parent, path = keys[path], f"{path}/{part}".lstrip("/")
            if path not in keys:
                keys[path] = identifier("Folder.", path)
                rows.append((keys[path], parent, long_and_short(part, len(rows))))
    return rows, keys


def file_tables(files, folders):
    """Component, File, FileHash and FeatureComponents: one component for each file."""
    components, rows, hashes = [], [], []
    for number, file in enumerate(files, 1):
        key = identifier("File.", file.target)
        component = identifier("Component.", file.target)
        version = file_version(file.source)
        components.append((component, guid(uuid.uuid5(release.NAMESPACE,
                                                      f"component:{file.target}")),
                           folders[file.folder], COMPONENT_64BIT, "", key))
        rows.append((key, component, long_and_short(file.name, number),
                     file.source.stat().st_size, version, "1033" if version else "", 512, number))
        if not version:
            parts = struct.unpack("<4i", hashlib.md5(file.source.read_bytes()).digest())
            hashes.append((key, 0, *parts))
    components.append(("Settings", guid(uuid.uuid5(release.NAMESPACE, "component:settings")),
                       "INSTALLDIR", COMPONENT_64BIT | COMPONENT_KEY_IS_REGISTRY, "",
                       "SettingInstallDir"))
    return {
        "Component": (["Component", "ComponentId", "Directory_", "Attributes", "Condition",
                       "KeyPath"], ["s72", "S38", "s72", "i2", "S255", "S72"], ["Component"],
                      components),
        "File": (["File", "Component_", "FileName", "FileSize", "Version", "Language",
                  "Attributes", "Sequence"],
                 ["s72", "s72", "l255", "i4", "S72", "S20", "I2", "i4"], ["File"], rows),
        "MsiFileHash": (["File_", "Options", "HashPart1", "HashPart2", "HashPart3", "HashPart4"],
                        ["s72", "i2", "i4", "i4", "i4", "i4"], ["File_"], hashes),
        "FeatureComponents": (["Feature_", "Component_"], ["s38", "s72"],
                              ["Feature_", "Component_"],
                              [(FEATURE, component[0]) for component in components]),
    }


def contents_hash(files, actions, version):
    """What the codes are made of: every byte that goes into the MSI, and the tables' source."""
    digest = hashlib.sha256(version.encode())
    sources = [(file.target, file.source) for file in files]
    here = Path(__file__).parent
    sources += [("actions", actions), ("tables", here / "msi_tables.py"), ("make", __file__)]
    for target, source in sources:
        digest.update(f"{target}:{release.sha256(source)}\n".encode())
    return digest.hexdigest()


def property_rows(version, product_code):
    return [
        ("ProductName", release.PRODUCT), ("ProductVersion", version),
        ("ProductCode", guid(product_code)), ("UpgradeCode", guid(UPGRADE_CODE)),
        ("ProductLanguage", "1033"), ("Manufacturer", release.MANUFACTURER), ("ALLUSERS", "1"),
        ("SecureCustomProperties", "ACCESS;RAPL_NEWER;RAPL_OLDER;START"),
        ("ARPNOMODIFY", "1"),
        ("ARPCOMMENTS", "Reads the energy counters (RAPL) of Intel, AMD and Hygon processors"),
        ("MSIFASTINSTALL", "1"),  # no system restore point
    ]


def summary_rows(version, package_code):
    date = release.date()
    when = f"{date:%Y/%m/%d} 00:00:00"
    return [(1, "1252"), (2, "Installation Database"), (3, f"{release.PRODUCT} {version}"),
            (4, release.MANUFACTURER), (5, "Installer"), (7, "x64;1033"),
            (9, guid(package_code)), (12, when), (13, when),
            (14, "200"),  # Windows Installer 2.0 or later: the first that knows x64
            (15, "2"),  # compressed, long names
            (18, "package/make_msi.py"), (19, "2")]  # better read only


def all_tables(files, version, codes):
    tables = msi_tables.fixed_tables(version)
    folders, keys = directory_rows(files)
    tables |= file_tables(files, keys)
    tables["Directory"] = (["Directory", "Directory_Parent", "DefaultDir"],
                           ["s72", "S72", "l255"], ["Directory"], folders)
    tables["Feature"] = (
        ["Feature", "Feature_Parent", "Title", "Description", "Display", "Level", "Directory_",
         "Attributes"], ["s38", "S38", "L64", "L255", "I2", "i2", "S72", "i2"], ["Feature"],
        [(FEATURE, "", "All of it", "Driver, programs, headers and documents", 1, 1, "INSTALLDIR",
          16)])  # 16: always installed as a whole, never advertised
    tables["Property"] = (["Property", "Value"], ["s72", "l0"], ["Property"],
                          property_rows(version, codes["product"]))
    tables["Binary"] = (["Name", "Data"], ["s72", "v0"], ["Name"],
                        [("RaplActions", "RaplActions.ibd")])
    columns, types, primary, _ = tables["Media"]
    tables["Media"] = (columns, types, primary, [(1, len(files), "", f"#{CABINET}", "", "")])
    columns, types, primary, rows = tables["Upgrade"]
    tables["Upgrade"] = (columns, types, primary,
                         [(guid(UPGRADE_CODE), *row[1:]) for row in rows])
    tables["_SummaryInformation"] = (["PropertyId", "Value"], ["i2", "l255"], ["PropertyId"],
                                     summary_rows(version, codes["package"]))
    return tables


def write_table(folder, name, table):
    columns, types, keys, rows = table
    lines = ["\t".join(columns), "\t".join(types), "\t".join([name, *keys])]
    for row in rows:
        fields = [str(field) for field in row]
        assert len(fields) == len(columns), f"{name}: {row}"
        for field, kind in zip(fields, types):
            limit = int(kind[1:]) if kind[0] in "sSlL" else 0
            assert not limit or len(field) <= limit, f"{name}: '{field}' is longer than {limit}"
            assert field or kind[0].isupper(), f"{name}: an empty field in {row}"
            assert not set(field) & set("\t\r\n"), f"{name}: '{field}'"
        lines.append("\t".join(fields))
    (folder / f"{name}.idt").write_bytes(("\r\n".join(lines) + "\r\n").encode("ascii"))


def run(folder, *command):
    """Both tools write local times."""
    subprocess.run(command, cwd=folder, check=True,
                   env=os.environ | {"TZ": "UTC", "LC_ALL": "C"})


def make_cabinet(folder, files):
    """The files by their keys, in the order of the File table."""
    names = []
    for file in files:
        key = identifier("File.", file.target)
        shutil.copyfile(file.source, folder / key)
        os.utime(folder / key, (release.epoch(), release.epoch()))
        names.append(key)
    run(folder, "gcab", "-c", "-z", "-n", CABINET, *names)
    return folder / CABINET


def make(out, files, actions, version):
    contents = contents_hash(files, actions, version)
    codes = {kind: uuid.uuid5(release.NAMESPACE, f"{kind}:{contents}")
             for kind in ("product", "package")}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tables = all_tables(files, version, codes)
        for name, table in tables.items():
            write_table(folder, name, table)
        (folder / "Binary").mkdir()
        shutil.copyfile(actions, folder / "Binary/RaplActions.ibd")
        (folder / "cabinet").mkdir()
        cabinet = make_cabinet(folder / "cabinet", files)
        imports = [f"{name}.idt" for name in sorted(tables)]
        run(folder, "msibuild", "out.msi", "-i", *imports, "-a", CABINET, cabinet)
        shutil.move(folder / "out.msi", out)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--binaries", required=True, type=Path)
    parser.add_argument("--driver", required=True, type=Path)
    parser.add_argument("--actions", required=True, type=Path)
    parser.add_argument("--version", default=release.version())
    arguments = parser.parse_args()

    files = release.shipped_files(arguments.binaries, arguments.driver)
    simulated = [file.target for file in files if refuse_simulated.is_simulated(file.source)]
    if simulated:
        sys.exit(f"make_msi: {', '.join(simulated)}: simulated, never packaged")
    make(arguments.out.resolve(), files, arguments.actions, arguments.version)
    print(f"{arguments.out}: {len(files)} files")


if __name__ == "__main__":
    main()
