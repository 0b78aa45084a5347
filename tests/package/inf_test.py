#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: inf_test.py INF VERSION_FILE DATE_FILE

What PnP would look at in ScaphandreDrv.inf, against what is written here. Microsoft's InfVerif,
which is the authority, does not run here.
"""
import re
import sys
from pathlib import Path

from inf import Inf

DEVICE_REGISTRY = [
    ["HKR", "", "DeviceCharacteristics", "0x00010001", "0x00000100"],
    ["HKR", "", "Security", "0x00000000", "D:P(A;;GA;;;SY)(A;;GA;;;BA)"],
]
SERVICE_REGISTRY = [
    ["HKR", "Parameters", "AccessPolicy", "0x00010003", "0"],  # DWORD, NOCLOBBER: fails closed
    ["HKR", "Parameters", "Mode", "0x00010001", "1"],
]
SERVICE = {"servicetype": "1", "starttype": "3", "errorcontrol": "1",
           "displayname": "Scaphandre Driver Service"}
MODELS = {  # decoration: directory the driver runs from
    "NTamd64": "12",
    "NTamd64.10.0...16299": "13",
}
# Sections nothing refers to by name, and those of each models section.
FIXED = {"version", "destinationdirs", "sourcedisksnames", "sourcedisksfiles", "manufacturer",
         "strings"}
FORBIDDEN = ["coinstallers", "copyinf", "delreg", "delfiles", "includ", "needs", "interfaces",
             "registerdlls", "runonce", "hklm", "hkcr", "hkcu", "wdf"]


def check_version(inf, version, date):
    assert inf.value("Version", "signature") == ["$Windows NT$"]
    assert inf.value("Version", "class") == ["SoftwareDevice"]
    assert inf.value("Version", "classguid") == ["{62f9c741-b25a-46ce-b54c-9bccce08b6f2}"]
    assert inf.value("Version", "pnplockdown") == ["1"]
    assert inf.value("Version", "catalogfile") == ["ScaphandreDrv.cat"]
    assert inf.text(inf.value("Version", "provider")[0]) == "windows-rapl-driver project"
    year, month, day = date.split("-")
    assert inf.value("Version", "driverver") == [f"{month}/{day}/{year}", f"{version}.0"]


def check_files(inf):
    assert [key for key, _ in inf.section("SourceDisksFiles")] == ["ScaphandreDrv.sys"]
    disk = inf.value("SourceDisksFiles", "scaphandredrv.sys")[0]
    assert [key for key, _ in inf.section("SourceDisksNames")] == [disk]
    directories = {key.lower(): value for key, value in inf.section("DestinationDirs")}
    assert directories == {"defaultdestdir": ["13"], "scaphandredrv.copy12": ["12"]}


def check_service(inf, name, directory):
    fields = {key.lower(): inf.text(value[0]) for key, value in inf.section(name)}
    registry = fields.pop("addreg")
    assert fields.pop("servicebinary") == rf"%{directory}%\ScaphandreDrv.sys"
    assert fields.pop("description")
    assert fields == SERVICE, fields
    assert [value for _, value in inf.section(registry)] == SERVICE_REGISTRY
    return {registry.lower()}


def check_models(inf, decoration, directory):
    """Follows one models section to its end; the names of the sections it uses."""
    models = "Models." + decoration
    (device, (install, hardware_id)), = inf.section(models)
    assert hardware_id == r"ROOT\SCAPHANDREDRV"
    assert inf.text(device) == "RAPL energy counters"
    used = {models.lower(), *(f"{install}.nt{tail}".lower() for tail in ("", ".hw", ".services"))}

    (key, copies), = inf.section(f"{install}.NT")
    assert key.lower() == "copyfiles" and len(copies) == 1, "one section copied, nothing else done"
    copied = [value for _, value in inf.section(copies[0])]
    assert copied == [["ScaphandreDrv.sys"]]
    directories = {key.lower(): value[0] for key, value in inf.section("DestinationDirs")}
    assert directories.get(copies[0].lower(), directories["defaultdestdir"]) == directory

    (key, registry), = inf.section(f"{install}.NT.HW")
    assert key.lower() == "addreg"
    assert [value for _, value in inf.section(registry[0])] == DEVICE_REGISTRY

    (key, service), = inf.section(f"{install}.NT.Services")
    assert key.lower() == "addservice"
    assert service[:2] == ["ScaphandreDrv", "0x00000002"], "associated with the device"
    used |= {copies[0].lower(), registry[0].lower(), service[2].lower()}
    return used | check_service(inf, service[2], directory)


def main():
    inf = Inf(Path(sys.argv[1]))
    version = Path(sys.argv[2]).read_text().strip()
    date = Path(sys.argv[3]).read_text().strip()

    assert inf.raw.count(b"\n") == inf.raw.count(b"\r\n"), "lines end in CRLF"
    assert max(len(line) for line in inf.raw.splitlines()) < 512
    assert not inf.repeated, f"sections given twice: {inf.repeated}"
    check_version(inf, version, date)
    check_files(inf)
    (_, manufacturer), = inf.section("Manufacturer")
    assert manufacturer == ["Models", *MODELS], manufacturer

    used = set(FIXED)
    for decoration, directory in MODELS.items():
        used |= check_models(inf, decoration, directory)
    assert used == set(inf.sections), f"not referred to: {set(inf.sections) - used}"

    body = "\n".join(re.sub(r";.*", "", line) for line in inf.raw.decode().splitlines())
    for word in FORBIDDEN:
        assert word not in body.lower(), f"'{word}' has no place in this INF"
    tokens = {token.lower() for token in re.findall(r"%([A-Za-z]\w*)%", body)}
    defined = {key.lower() for key, _ in inf.section("Strings")}
    assert tokens == defined, f"strings: used and defined differ: {tokens ^ defined}"
    print(f"{sys.argv[1]}: {len(inf.sections)} sections, version {version}, {date}")


if __name__ == "__main__":
    main()
