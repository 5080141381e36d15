"""Reads address books that are tables: CSV as mail programs export it, LDIF (RFC 2849) as directories do."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re

from sandbox.seeds import SeedContact
from sandbox.world.corpus.ical import decode


def from_csv(data: bytes) -> list[SeedContact]:
    """The rows as contacts. Without a row of names, a cell with an @ is the address and the first cell the name."""
    text = _text(data)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(row)]
    if not rows:
        return []
    header = [cell.strip().lower() for cell in rows[0]]
    if any("@" in cell for cell in header):
        return [_bare(row) for row in rows]
    return [_contact(dict(zip(header, row, strict=False))) for row in rows[1:]]


def from_ldif(text: str) -> list[SeedContact]:
    """The entries that are people; lists of members are not."""
    found = []
    for block in re.split(r"\n\s*\n", re.sub(r"\r?\n ", "", text.replace("\r\n", "\n"))):
        entry: dict[str, list[str]] = {}
        for line in block.splitlines():
            name, _, value = line.partition(":")
            entry.setdefault(name.strip().lower(), []).append(_value(value))
        classes = {value.lower() for value in entry.get("objectclass", [])}
        if "dn" in entry and "groupofnames" not in classes:
            found.append(_contact({_LDIF.get(name, name): values[0] for name, values in entry.items()}))
    return found


_LDIF = {
    "cn": "display name",
    "givenname": "first name",
    "sn": "last name",
    "mail": "primary email",
    "mozillasecondemail": "secondary email",
    "mozillanickname": "nickname",
    "telephonenumber": "work phone",
    "homephone": "home phone",
    "mobile": "mobile number",
    "o": "organization",
    "title": "job title",
    "description": "notes",
}


def _contact(row: dict[str, str]) -> SeedContact:
    def of(*names: str) -> str:
        return next((row[name].strip() for name in names if row.get(name, "").strip()), "")

    emails = tuple((address, label) for names, label in _EMAILS if "@" in (address := of(*names)))
    phones = tuple((number, label) for name, label in _PHONES if (number := of(name)))
    places = tuple(
        (text, label)
        for label in ("home", "work")
        if (text := ", ".join(part for kind in _ADDRESS if (part := of(f"{label} {kind}"))))
    )
    name = of("display name", "name") or f"{of('first name')} {of('last name')}".strip()
    return SeedContact(
        name=name or (emails[0][0] if emails else "Unnamed"),
        given_name=of("first name"),
        family_name=of("last name"),
        nickname=of("nickname"),
        emails=emails,
        phones=phones,
        addresses=places,
        organization=of("organization"),
        job_title=of("job title"),
        notes=of("notes"),
    )


_EMAILS = ((("primary email", "email", "e-mail address"), "home"), (("secondary email",), "other"))
_PHONES = (("work phone", "work"), ("home phone", "home"), ("mobile number", "mobile"), ("fax number", "fax"))
_ADDRESS = ("address", "address 2", "city", "state", "zipcode", "country")


def _bare(row: list[str]) -> SeedContact:
    addresses = tuple((cell.strip(), "other") for cell in row if "@" in cell)
    first = row[0].strip()
    return SeedContact(first or (addresses[0][0] if addresses else "Unnamed"), emails=addresses)


def _text(data: bytes) -> str:
    text = decode(data)
    if any("\x80" <= char < "\xa0" for char in text):  # no text in Latin-1 has these; Shift JIS does
        return data.decode("shift_jis", "replace")
    return text


def _delimiter(text: str) -> str:
    first = text.splitlines()[0] if text else ""
    return max(",;\t", key=first.count)


def _value(text: str) -> str:
    if not text.startswith(":"):
        return text.strip()
    try:
        return base64.b64decode(text[1:].strip()).decode("utf-8", "replace")
    except binascii.Error:
        return ""
