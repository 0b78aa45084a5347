#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: catalog_test.py MKCAT INF_FOLDER DATE_FILE

The catalog that mkcat makes of a driver package, read by another parser, has exactly the members
and attributes of the INF's files; and what mkcat must refuse is refused.
"""
import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

import catalog

FLAGS = 0x10010001
FILES = {"ScaphandreDrv.inf": "flat", "ScaphandreDrv.sys": "pe_image"}


def make(mkcat, folder, out):
    return subprocess.run([mkcat, folder / "ScaphandreDrv.inf", out], capture_output=True,
                          text=True, check=False)


def attributes(entry):
    """{kind or name: value} of an entry; each may be there once."""
    found = {}
    for attribute in entry["attributes"]:
        values = attribute["values"]
        assert len(values) == 1
        kind, value = attribute["type"].native, values[0]
        if kind == "name_value":
            assert value["flags"].native == FLAGS
            kind, value = value["name"].native, value.text()
        assert kind not in found, f"{kind} twice"
        found[kind] = value
    return found


def check_entry(entry, algorithm, name, kind, digest):
    found = attributes(entry)
    assert entry["tag"].native == digest, f"{name}: {algorithm}"
    assert found.pop("File") == name + "\0"
    assert found.pop("OSAttr") == "2:10.0\0"
    assert found.pop("member_info_2").name == "none"
    if algorithm == "sha256":
        data = found.pop("indirect_data")
        assert data["digest"]["digest_algorithm"]["algorithm"].native == "sha256"
        assert data["digest"]["digest"].native == digest
        assert data["data"]["type"].native == kind
        link = data["data"]["value"]
        if kind == "pe_image":
            assert link["flags"].native == (1, 0, 1)
            link = link["file"]
        assert link.name == "file" and link.chosen.native == ""
    assert not found, f"{name}: {list(found)}"


def check_list(path, folder, date):
    trust_list, signers = catalog.read(path)
    assert signers == 0
    assert [usage.dotted for usage in trust_list["usage"]] == ["1.3.6.1.4.1.311.12.1.1"]
    assert len(trust_list["identifier"].native) == 16
    assert trust_list["subject_algorithm"]["algorithm"].dotted == "1.3.6.1.4.1.311.12.1.3"
    assert trust_list["this_update"].native == datetime.datetime.fromisoformat(
        date + "T00:00:00+00:00")

    expected = {}
    for name, kind in FILES.items():
        for algorithm in ("sha1", "sha256"):
            digest = catalog.authenticode((folder / name).read_bytes(), algorithm)
            expected[digest] = (algorithm, name, kind, digest)
    tags = [entry["tag"].native for entry in trust_list["entries"]]
    assert tags == sorted(expected), "every member by both hashes, in order, and nothing else"
    for entry in trust_list["entries"]:
        check_entry(entry, *expected[entry["tag"].native])

    extensions = []
    for extension in trust_list["extensions"]:
        assert extension["type"].native == "name_value"
        value = extension["value"].parse(catalog.NameValue)
        assert value["flags"].native == FLAGS
        extensions.append((value["name"].native, value.text()))
    assert extensions == [("OS", "_v100_X64\0"), ("HWID1", "root\\scaphandredrv\0")], extensions


def refused(mkcat, folder, name, content, words):
    """mkcat says `words` and writes nothing when the file `name` is `content`."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        for file in FILES:
            (scratch / file).write_bytes((folder / file).read_bytes())
        if content is None:
            (scratch / name).unlink()
        else:
            (scratch / name).write_bytes(content)
        result = make(mkcat, scratch, scratch / "out.cat")
        assert result.returncode == 1, f"{words}: exit {result.returncode}"
        assert words in result.stderr, f"expected '{words}' in: {result.stderr}"
        assert not (scratch / "out.cat").exists()


def check_refusals(mkcat, folder):
    inf, driver = "ScaphandreDrv.inf", "ScaphandreDrv.sys"
    text = (folder / inf).read_bytes()
    image = (folder / driver).read_bytes()
    pe = int.from_bytes(image[0x3C:0x40], "little")
    security = pe + 24 + 112 + 4 * 8
    refused(mkcat, folder, driver, None, "cannot open")
    refused(mkcat, folder, inf, None, "cannot open")
    refused(mkcat, folder, driver, image[:40], "is cut short")
    refused(mkcat, folder, driver, image[:pe + 60], "outside of itself")
    refused(mkcat, folder, driver, image[:pe] + b"NE" + image[pe + 2:], "none that Windows knows")
    for entry in (b"\xf0\xff\xff\xff\xf0\xff\xff\xff", b"\0\1\0\0\xff\xff\xff\x7f",
                  b"\1\0\0\0\1\0\0\0"):
        refused(mkcat, folder, driver, image[:security] + entry + image[security + 8:],
                "signature outside of itself")
    for change, words in [((b"CatalogFile", b"NoSuchEntry"), "is missing"),
                          ((b"DriverVer ", b"DriverAge "), "is missing"),
                          ((b"DriverVer   = ", b"DriverVer   = 20"), "DriverVer"),
                          ((b"[SourceDisksFiles]", b"[SourceDisksFilms]"), "is missing"),
                          ((b"ScaphandreDrv.sys = 1", b"%Driver% = 1"), "%token%"),
                          ((b"[Strings]", b"[Strings"), "has no end"),
                          ((b"RAPL", b"R\xc3\x84PL"), "not ASCII"),
                          ((b"RAPL", b"R" * 600), "longer than")]:
        assert change[0] in text
        refused(mkcat, folder, inf, text.replace(*change), words)


def main():
    mkcat, folder = sys.argv[1], Path(sys.argv[2])
    date = Path(sys.argv[3]).read_text().strip()
    with tempfile.TemporaryDirectory() as scratch:
        paths = [Path(scratch) / name for name in ("a.cat", "b.cat")]
        for path in paths:
            result = make(mkcat, folder, path)
            assert result.returncode == 0, result.stderr
        assert paths[0].read_bytes() == paths[1].read_bytes(), "not reproducible"
        check_list(paths[0], folder, date)
        print(f"{len(paths[0].read_bytes())} bytes, {2 * len(FILES)} entries")
    check_refusals(mkcat, folder)


if __name__ == "__main__":
    main()
