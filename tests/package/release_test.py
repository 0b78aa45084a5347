#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: release_test.py SOURCE_DIR

dist/package as a whole: the zip, the checksums and the bill of materials agree with each other and
with what was built; packaging again in another folder, at another time, in another time zone and
language gives the same bytes; and what must not be packaged is refused.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NEEDED = ["VERSION", "VERSION_DATE", "LICENSE", "README.md", "ARCHITECTURE.md", "CHANGELOG.md",
          "CONTRIBUTING.md", "SECURITY.md", "docs", "include", "package", "scripts",
          "examples", "core/models.def",
          "build/linux/tools/mkcat/mkcat", "build/windows/package/msi/rapl_msi.dll",
          "dist/windows"]


def sha(content, algorithm="sha256"):
    return hashlib.new(algorithm, content).hexdigest()


def check_zip(source, path, version):
    """{name: content}"""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        contents = {entry.filename: archive.read(entry) for entry in entries}
    top = f"windows-rapl-driver-{version}/"
    names = [entry.filename for entry in entries]
    assert names == sorted(names) and all(name.startswith(top) for name in names)
    year, month, day = map(int, (source / "VERSION_DATE").read_text().split("-"))
    assert {entry.date_time for entry in entries} == {(year, month, day, 0, 0, 0)}
    assert not [name for name in names if name.endswith((".rec", ".pdb"))]
    files = {name[len(top):]: content for name, content in contents.items()}
    for path in (source / "dist/windows").rglob("*"):
        name = str(path.relative_to(source / "dist/windows"))
        if path.is_file() and path.suffix != ".pdb":
            assert files[name] == path.read_bytes(), f"{name} is in the zip as built"
    for path in (source / "dist/package/driver").iterdir():
        assert files[path.name] == path.read_bytes(), f"{path.name} lies beside the programs"
    for header in (source / "include/rapl").glob("*.h"):
        assert files[f"include/rapl/{header.name}"] == header.read_bytes()
    assert (source / "dist/sim/ScaphandreDrv.sys").read_bytes() not in files.values()
    return files


def check_sums(folder):
    lines = dict(reversed(line.split("  ", 1)) for line in
                 (folder / "SHA256SUMS").read_text().splitlines())
    found = {str(path.relative_to(folder)): sha(path.read_bytes())
             for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS" and
             "attestation" not in path.parts}
    assert lines == found, "SHA256SUMS has every file and no other"


def check_sbom(path, files):
    sbom = json.loads(path.read_text())
    listed = {entry["fileName"][2:]: {item["algorithm"]: item["checksumValue"]
                                      for item in entry["checksums"]} for entry in sbom["files"]}
    assert listed == {name: {"SHA1": sha(content, "sha1"), "SHA256": sha(content)}
                      for name, content in files.items()}, "the SBOM lists the zip's files"
    code = sha("".join(sorted(item["SHA1"] for item in listed.values())).encode(), "sha1")
    product = sbom["packages"][0]
    assert product["packageVerificationCode"]["packageVerificationCodeValue"] == code
    ids = [entry["SPDXID"] for entry in sbom["files"] + sbom["packages"]] + [sbom["SPDXID"]]
    assert len(set(ids)) == len(ids)
    for relation in sbom["relationships"]:
        assert relation["spdxElementId"] in ids and relation["relatedSpdxElement"] in ids
    assert all(package["versionInfo"] != "NOASSERTION" for package in sbom["packages"])


def copy(source, folder):
    for name in NEEDED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / name, target)


def package(folder, **environment):
    return subprocess.run([folder / "scripts/package.sh"], capture_output=True, text=True,
                          check=False, env=os.environ | environment)


def check_again(source, scratch):
    folder = scratch / "a folder with a longer name"
    copy(source, folder)
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))  # files of another time
    result = package(folder, TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8", LANG="de_DE.UTF-8")
    assert result.returncode == 0, result.stderr
    here = (source / "dist/package/SHA256SUMS").read_text()
    there = (folder / "dist/package/SHA256SUMS").read_text()
    assert here == there, f"packaged again in another folder:\n{there}\nhere:\n{here}"
    return folder


def check_refusals(source, folder):
    def refused(words):
        result = package(folder)
        assert result.returncode != 0 and words in result.stderr, (words, result.stderr)
        assert not list((folder / "dist/package").glob("*.msi"))

    shutil.copy(source / "dist/sim/ScaphandreDrv.sys", folder / "dist/windows/ScaphandreDrv.sys")
    refused("is simulated")
    shutil.copy(source / "dist/windows/ScaphandreDrv.sys", folder / "dist/windows/")
    (folder / "dist/windows/rapl.exe").unlink()
    refused("rapl.exe is missing")
    shutil.copy(source / "dist/windows/rapl.exe", folder / "dist/windows/")
    for name, text, words in (("VERSION", "1.0\n", "is not of the form"),
                              ("VERSION", "256.0.0\n", "above 255.255.65535"),
                              ("VERSION_DATE", "31.12.2026\n", "is not a date")):
        before = (folder / name).read_text()
        (folder / name).write_text(text)
        refused(words)
        (folder / name).write_text(before)


def main():
    source = Path(sys.argv[1])
    version = (source / "VERSION").read_text().strip()
    folder = source / "dist/package"
    name = f"windows-rapl-driver-{version}"
    check_sums(folder)
    files = check_zip(source, folder / f"{name}.zip", version)
    check_sbom(folder / f"{name}.spdx.json", files)
    with tempfile.TemporaryDirectory() as scratch:
        check_refusals(source, check_again(source, Path(scratch)))
    print(f"{len(files)} files")


if __name__ == "__main__":
    main()
