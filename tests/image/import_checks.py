# SPDX-License-Identifier: Apache-2.0
"""The imports: the reviewed list, and which of Wine's exports are stubs."""
from dataclasses import dataclass
from pathlib import Path

from pe import Image, PeError
from subject import check

LIST = Path(__file__).with_name("imports.txt")
OLDEST_WINDOWS = (10, 0, 14393)
IMAGES = {"production", "simulated", "both"}
DLLS = {"ntoskrnl.exe", "HAL.dll"}

# Where Debian and others keep Wine's own PE files.
WINE_FOLDERS = [Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows"),
                Path("/usr/lib64/wine/x86_64-windows"), Path("/usr/lib/wine/x86_64-windows")]


@dataclass
class Reviewed:
    name: str
    image: str
    dll: str
    since: tuple
    irql: str
    source: str


def read_list(text):
    """{name: Reviewed}. A line that is not one, or a name given twice, is a ValueError."""
    reviewed = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(None, 5)
        if len(fields) != 6 or fields[1] not in IMAGES or fields[2] not in DLLS:
            raise ValueError(f"imports.txt:{number}: not 'name image dll since irql source'")
        name, image, dll, since, irql, source = fields
        if name in reviewed:
            raise ValueError(f"imports.txt:{number}: {name} again")
        version = tuple(int(part) for part in since.split("."))
        if len(version) != 3:
            raise ValueError(f"imports.txt:{number}: 'since' is not major.minor.build")
        reviewed[name] = Reviewed(name, image, dll, version, irql, source)
    return reviewed


@check
def imports(subject):
    reviewed = read_list(LIST.read_text(encoding="utf-8"))
    kind = "simulated" if subject.simulated else "production"
    wanted = {name for name, entry in reviewed.items() if entry.image in (kind, "both")}
    found = {entry.name: entry.dll for entry in subject.image.imports()}
    for name, dll in found.items():
        if name not in wanted:
            yield f"{name} of {dll} is not on the reviewed list for the {kind} image"
            continue
        entry = reviewed[name]
        if dll != entry.dll:
            yield f"{name} is imported from {dll}; on Windows 10.0.14393 it is in {entry.dll}"
        if entry.since > OLDEST_WINDOWS:
            yield f"{name} exists only since {'.'.join(map(str, entry.since))}"
    for name in sorted(wanted - found.keys()):
        yield f"{name} is on the reviewed list for the {kind} image, which does not import it"


class Wine:
    """Wine's kernel modules: which of their exports abort when called.

    winebuild gives every `@ stub` of a .spec file the same few instructions: they load the module's
    name and the export's own name and call a routine that raises an exception.
    """

    def __init__(self, folder=None):
        folders = [Path(folder)] if folder else WINE_FOLDERS
        self.folder = next((path for path in folders if (path / "ntoskrnl.exe").exists()), None)
        if self.folder is None:
            raise FileNotFoundError("Wine's ntoskrnl.exe is in none of " +
                                    ", ".join(map(str, folders)) + "; install wine64")
        self._modules = {}

    def module(self, dll):
        """(image, exports, {import slot: (dll, name)})"""
        key = dll.lower()
        if key not in self._modules:
            image = Image.load(self.folder / key)
            self._modules[key] = (image, image.exports(), {
                entry.slot: (entry.dll, entry.name) for entry in image.imports()})
        return self._modules[key]

    def fault(self, dll, name, depth=0):
        """What is wrong with importing `name` from `dll` under Wine, or None."""
        try:
            image, exports, slots = self.module(dll)
        except FileNotFoundError:
            return f"Wine has no {dll}"
        if name not in exports:
            return f"Wine's {dll} does not export {name}"
        target = exports[name]
        if isinstance(target, str):
            other, _, other_name = target.rpartition(".")
            return self._forwarded(other + ("" if "." in other else ".dll"), other_name, depth)
        try:
            if _is_stub(image, target, dll, name):
                return f"{dll}!{name} is a stub of Wine's"
            # ff 25: a jump through an import of Wine's own
            opcode, displacement = image.read("<Hi", target)
            if opcode == 0x25FF and target + 6 + displacement in slots:
                return self._forwarded(*slots[target + 6 + displacement], depth)
        except PeError:
            pass  # a variable: no code there
        return None

    def _forwarded(self, dll, name, depth):
        return self.fault(dll, name, depth + 1) if depth < 8 else f"{dll}!{name} leads in a circle"


def _is_stub(image, rva, dll, name):
    """sub rsp,28h; lea rcx,["module"]; lea rdx,["export"]; call"""
    head = image.read("<IBBBiBBBiB", rva)
    frame, lea, module, lea2, export, call = (head[0], head[1:4], head[4], head[5:8], head[8],
                                              head[9])
    if (frame, lea, lea2, call) != (0x28EC8348, (0x48, 0x8D, 0x0D), (0x48, 0x8D, 0x15), 0xE8):
        return False
    return image.string(rva + 11 + module).lower() == dll.lower() and \
        image.string(rva + 18 + export) == name
