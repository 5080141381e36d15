"""Reads the shape of iCalendar and vCard text: components, properties, parameters (RFC 5545 §3.1, RFC 6350 §3.3).

Forgiving where real files are careless (bare line ends, an END that closes nothing, bytes that are not UTF-8). What a
value means is left to the readers of events and contacts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FOLD = re.compile(r"\r?\n[ \t]|\r[ \t]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(slots=True)
class Property:
    """One content line. Names are upper case; a parameter that occurs twice is joined by commas."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT, its escapes undone, without control characters."""
        plain = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value)
        return _CONTROL.sub("", plain)


@dataclass(slots=True)
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [prop for prop in self.properties if prop.name == name]

    def first(self, name: str) -> Property | None:
        return next((prop for prop in self.properties if prop.name == name), None)

    def text(self, name: str) -> str:
        """The text of the first property of that name, or nothing."""
        prop = self.first(name)
        return prop.text.strip() if prop else ""

    def walk(self) -> Iterator[Component]:
        """This component and all below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, as UTF-8 (also a little spoilt), or as a Western code page."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    text = data.decode("utf-8-sig", "replace")
    spoilt = text.count("\ufffd")
    if not spoilt or spoilt * 10 < sum(char > "\x7f" for char in text):
        return text
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read(text: str) -> Component:
    """A root without name that holds the components of the text. Lines that are no content lines are passed over."""
    root = Component("")
    stack = [root]
    for line in re.split(r"\r?\n|\r", _FOLD.sub("", text)):
        prop = _property(line)
        if prop is None:
            continue
        if prop.name == "BEGIN":
            component = Component(prop.value.strip().upper())
            stack[-1].children.append(component)
            stack.append(component)
        elif prop.name == "END":
            names = [component.name for component in stack]
            if (name := prop.value.strip().upper()) in names[1:]:
                del stack[len(names) - 1 - names[::-1].index(name) :]
        else:
            stack[-1].properties.append(prop)
    return root


def _property(line: str) -> Property | None:
    colon = line.find(":")
    if colon < 1:
        return None
    if '"' not in line[:colon] and ";" not in line[:colon]:
        return Property(line[:colon].strip().upper(), {}, line[colon + 1 :])
    parts, start, quoted = [], 0, False
    for index, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in ";:":
            parts.append(line[start:index])
            start = index + 1
            if char == ":":
                break
    else:
        return None
    parameters: dict[str, str] = {}
    for part in parts[1:]:
        name, equals, value = part.partition("=")
        key = name.strip().upper() if equals else "TYPE"
        clean = (value if equals else name).replace('"', "")
        parameters[key] = f"{parameters[key]},{clean}" if key in parameters else clean
    return Property(parts[0].strip().upper(), parameters, line[start:])
