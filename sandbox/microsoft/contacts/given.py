"""A contact's properties as a request gives them, checked and put into the stored fields."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft.contacts.render import ADDRESSES, CONTACT, LISTS, RANKS, TEXTS
from sandbox.microsoft.errors import bad_request, invalid_property, read_only
from sandbox.microsoft.mail.values import record, strings, text, wrong
from sandbox.microsoft.mail.words import clean
from sandbox.microsoft.where import moment

_PARTS = ("street", "city", "state", "countryOrRegion", "postalCode")
_IGNORED = ("extensions", "singleValueExtendedProperties", "multiValueExtendedProperties")


def merged(fields: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The fields with those of the request put in; lists are replaced whole."""
    made = dict(fields)
    for name, value in given.items():
        if "@" in name or name in _IGNORED:
            continue
        if name == "emailAddresses":
            made[name] = _emails(value)
        elif name in RANKS:
            made["emailAddresses"] = _ranked(made.get("emailAddresses", []), name, value)
        elif name in LISTS:
            made[name] = [clean(one) for one in strings(name, value)]
        elif name in ADDRESSES:
            place = record(name, value)
            made[name] = {part: text(part, place[part]) for part in _PARTS if place.get(part)}
        elif name in TEXTS:
            made[name] = None if value is None else text(name, value)
        elif name == "birthday":
            made[name] = None if value is None else moment(str(value))
        else:
            raise read_only(name) if name in CONTACT.properties else invalid_property(name, "contact")
    return made


def _emails(value: Any) -> list[dict[str, str]]:
    """Up to three addresses."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise wrong("emailAddresses")
    if len(value) > len(RANKS):
        raise bad_request("A contact has at most three e-mail addresses.", "ErrorInvalidRequest")
    found = [(text("address", one.get("address")), text("name", one.get("name"))) for one in value]
    return [{"name": name or address, "address": address} for address, name in found]


def _ranked(known: list[dict[str, str]], name: str, value: Any) -> list[dict[str, str]]:
    """The addresses with one of them set by its rank."""
    position = RANKS.index(name)
    rest = known[:position] + known[position + 1 :]
    return _emails([*rest[:position], value, *rest[position:]]) if value else rest
