# SPDX-License-Identifier: Apache-2.0
"""Reads an INF file into sections of lines. Written for the tests: it shares nothing with the
tools that make or read the INF elsewhere in this project."""


def _fields(text):
    """Comma-separated fields; commas within double quotes do not separate."""
    fields, field, quoted = [], "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            fields.append(field.strip())
            field = ""
        else:
            field += char
    fields.append(field.strip())
    return fields


def _without_comment(line):
    quoted = False
    for index, char in enumerate(line):
        quoted ^= char == '"'
        if char == ";" and not quoted:
            return line[:index]
    return line


class Inf:
    def __init__(self, path):
        self.raw = path.read_bytes()
        self.sections = {}  # lower-case name: [(key or None, [field, ...]), ...]
        self.repeated = []
        name = None
        for line in self.raw.decode("ascii").splitlines():
            line = _without_comment(line).strip()
            if not line:
                continue
            if line.startswith("["):
                name = line.strip("[]").lower()
                if name in self.sections:
                    self.repeated.append(name)
                self.sections.setdefault(name, [])
                continue
            key, equals, value = line.partition("=")
            before_quote = '"' not in key
            if equals and before_quote:
                self.sections[name].append((key.strip(), _fields(value)))
            else:
                self.sections[name].append((None, _fields(line)))

    def section(self, name):
        return self.sections[name.lower()]

    def value(self, section, key):
        """The only value of `key`, as its fields."""
        found = [value for name, value in self.section(section) if (name or "").lower() == key]
        assert len(found) == 1, f"[{section}] {key}: {len(found)} times"
        return found[0]

    def text(self, field):
        """A field with %tokens% of [Strings] replaced; directory numbers stay."""
        strings = {f"%{key.lower()}%": value[0] for key, value in self.section("strings")}
        return strings.get(field.lower(), field)
