"""What an edit of a contact means in Google's fields. Sending it is left to ``people``.

People API, people.updateContact: the fields that the mask names are replaced whole. So an edit is laid into what Google
has now, entry by entry, and everything that OsMEN does not show stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.providers.google.people_person import is_own, label_of

Fields = Mapping[str, Any]
Body = dict[str, list[dict[str, Any]]]

_NAMES = {"given_name": "givenName", "family_name": "familyName"}
_WORK = {"organization": "name", "job_title": "title"}
_LISTS = {"emails": "emailAddresses", "phones": "phoneNumbers"}
_SINGLE = {"nickname": "nicknames", "notes": "biographies", "birthday": "birthdays"}
# Google makes these itself from the parts.
_MADE = frozenset({"displayName", "displayNameLastFirst", "unstructuredName", "metadata", "formattedType"})
_TYPES = {"home fax": "homeFax", "work fax": "workFax", "google voice": "googleVoice", "work mobile": "workMobile"}


def body(fields: Fields, person: Mapping[str, Any]) -> Body:
    """The changed fields in Google's form, laid into ``person`` as it is now (empty for a new one)."""
    made: Body = {}
    if fields.keys() & _NAMES.keys():
        made["names"] = _parts(person, "names", {_NAMES[k]: v for k, v in fields.items() if k in _NAMES})
    if fields.keys() & _WORK.keys():
        made["organizations"] = _parts(person, "organizations", {_WORK[k]: v for k, v in fields.items() if k in _WORK})
    for name, field in _LISTS.items():
        if name in fields:
            made[field] = _entries(_own(person, field), fields[name])
    for name, field in _SINGLE.items():
        if name in fields:
            entry = _single(field, str(fields[name] or ""))
            made[field] = [entry] if entry else []
    return made


def _own(person: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    entries = (e for e in person.get(field) or () if is_own(e))
    return [{k: v for k, v in entry.items() if k not in _MADE} for entry in entries]


def _parts(person: Mapping[str, Any], field: str, parts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The first entry with these parts replaced; the others stay."""
    first, *others = _own(person, field) or [{}]
    made = {k: v for k, v in (first | dict(parts)).items() if v not in ("", None)}
    return [made, *others] if made else others


def _entries(now: Sequence[dict[str, Any]], wanted: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """The wanted values in their order, each with what else Google knows of it."""
    known = {str(entry.get("value", "")).strip().casefold(): entry for entry in now}
    made = []
    for value, label in wanted:
        entry = known.get(value.strip().casefold(), {}) | {"value": value}
        if label_of(entry) != label:
            entry["type"] = _TYPES.get(label, label)
        made.append({k: v for k, v in entry.items() if v != ""})
    return made


def _single(field: str, value: str) -> dict[str, Any]:
    if not value:
        return {}
    if field == "biographies":
        return {"value": value, "contentType": "TEXT_PLAIN"}
    if field == "nicknames":
        return {"value": value}
    year, month, day = value[:-6], value[-5:-3], value[-2:]
    known = {"year": int(year)} if year.isdecimal() else {}
    return {"date": known | {"month": int(month), "day": int(day)}}
