"""Reads every contact below the corpus: vCard 2.1, 3.0 and 4.0 here, CSV and LDIF by ``tables``."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from pathlib import Path

from sandbox.seeds import LeftOut, SeedContact
from sandbox.world.corpus.ical import Component, Property, decode, read
from sandbox.world.corpus.tables import from_csv, from_ldif

_SOFT = re.compile(r"^(.*QUOTED-PRINTABLE.*:.*)=\r?\n", re.MULTILINE | re.IGNORECASE)
_UNESCAPED_SEMICOLON = re.compile(r"(?<!\\);")
_LABELS = ("work", "home", "cell", "mobile", "fax", "pager", "other")


def contacts(folder: Path, left_out: LeftOut) -> tuple[SeedContact, ...]:
    """Every contact of every file, in the order of the files."""
    found: list[SeedContact] = []
    for path in sorted((folder / "contacts").rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.suffix == ".vcf":
            made = from_vcards(decode(path.read_bytes()))
        elif path.suffix == ".csv":
            made = from_csv(path.read_bytes())
        elif path.suffix == ".ldif":
            made = from_ldif(decode(path.read_bytes()))
        else:
            continue
        if not made:
            left_out.add(place, "no contact in it")
        found.extend(made)
    return tuple(found)


def from_vcards(text: str) -> list[SeedContact]:
    """The people and organisations of a vCard file."""
    # Quoted-printable lines of vCard 2.1 go on after a "=", which is no folding that RFC 5545's reader knows.
    while _SOFT.search(text):
        text = _SOFT.sub(r"\1", text)
    return [_contact(component) for component in read(text).walk() if component.name == "VCARD"]


def _contact(card: Component) -> SeedContact:
    for prop in card.properties:
        prop.name = prop.name.rpartition(".")[2]
        if "QUOTED-PRINTABLE" in _types(prop):
            charset = prop.parameters.get("CHARSET", "utf-8")
            prop.value = _decoded(quopri.decodestring(prop.value.encode("latin-1", "replace")), charset)
    name = card.first("N")
    family, given, *_ = (*_parts(name), "", "") if name else ("", "")
    emails = tuple(dict.fromkeys((prop.text.strip(), _label(prop)) for prop in card.all("EMAIL") if prop.text.strip()))
    company = " ".join(part for part in _parts(card.first("ORG"))[:1] if part)
    full = card.text("FN") or f"{given} {family}".strip() or card.text("NICKNAME") or company
    return SeedContact(
        name=full or (emails[0][0] if emails else "Unnamed"),
        given_name=given,
        family_name=family,
        nickname=card.text("NICKNAME"),
        emails=emails,
        phones=tuple((prop.text.removeprefix("tel:"), _label(prop)) for prop in card.all("TEL") if prop.text.strip()),
        addresses=tuple((text, _label(prop)) for prop in card.all("ADR") if (text := _address(prop))),
        organization=company,
        job_title=card.text("TITLE"),
        birthday=_birthday(card.text("BDAY")),
        notes=card.text("NOTE"),
        groups=tuple(dict.fromkeys(part.strip() for part in card.text("CATEGORIES").split(",") if part.strip())),
        photo=_photo(card.first("PHOTO")),
    )


def _types(prop: Property) -> str:
    return ",".join(prop.parameters.values()).upper()


def _label(prop: Property) -> str:
    types = _types(prop).lower()
    return next(("mobile" if label == "cell" else label for label in _LABELS if label in types), "other")


def _parts(prop: Property | None) -> list[str]:
    if prop is None:
        return []
    return [Property("", {}, part).text.strip() for part in _UNESCAPED_SEMICOLON.split(prop.value)]


def _address(prop: Property) -> str:
    return ", ".join(part for part in _parts(prop) if part)


def _birthday(text: str) -> str:
    """``YYYY-MM-DD``, ``--MM-DD``, or nothing where the text is no such day."""
    match = re.match(r"(\d{4}|--)-?(\d\d)-?(\d\d)", text)
    if match is None or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return ""
    return f"--{match[2]}-{match[3]}" if match[1] == "--" else f"{match[1]}-{match[2]}-{match[3]}"


def _photo(prop: Property | None) -> bytes:
    """An embedded picture; one that is only linked to is not fetched."""
    if prop is None:
        return b""
    text = prop.value.partition("base64,")[2] or prop.value
    try:
        data = base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if data[:3] in (b"\xff\xd8\xff", b"\x89PN", b"GIF") else b""


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return decode(data)
