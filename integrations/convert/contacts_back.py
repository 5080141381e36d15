"""Microsoft Graph's contact in the form of Google's person. The way there is in ``contacts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.convert.contacts import NAMES, NO_YEAR, PLACE, PLACES, RELATIONS, SINGLE, WORK
from integrations.convert.report import Converted, Json, Source

OWN = frozenset(
    {"id", "changeKey", "parentFolderId", "createdDateTime", "lastModifiedDateTime", "fileAs", "initials", "flag"}
)


def contact_to_google(contact: Mapping[str, Any]) -> Converted:
    """A contact as Graph writes it, as a person to give to Google."""
    source = Source(contact, OWN)
    made: Json = {}
    name = {ours: value for ours, theirs in NAMES.items() if (value := source.take(theirs))}
    if shown := source.take("displayName"):
        parts = " ".join(name[part] for part in ("givenName", "middleName", "familyName") if part in name)
        if not parts:
            name["unstructuredName"] = shown
        elif shown != parts:
            # Google makes the name that it shows out of the parts.
            source.lose("displayName")
    if name:
        made["names"] = [name]
    made |= {ours: [{"value": value}] for ours, theirs in SINGLE.items() if (value := source.take(theirs))}
    work = {ours: value for ours, theirs in WORK.items() if (value := source.take(theirs))}
    if work:
        made["organizations"] = [work]
    _emails(source, made)
    _phones(source, made)
    _places(source, made)
    _relations(source, made)
    _birthday(source, made)
    if chats := source.take("imAddresses", []):
        made["imClients"] = [{"username": chat} for chat in chats]
    return source.converted(made)


def _emails(source: Source, made: Json) -> None:
    found = []
    for entry in source.take("emailAddresses", []):
        address = (entry or {}).get("address")
        if address:
            named = {"displayName": entry["name"]} if entry.get("name") not in (None, "", address) else {}
            found.append({"value": address, **named})
    if found:
        made["emailAddresses"] = found


def _phones(source: Source, made: Json) -> None:
    mobile = source.take("mobilePhone")
    found = [{"value": mobile, "type": "mobile"}] if mobile else []
    for name, kind in (("homePhones", "home"), ("businessPhones", "work")):
        found += [{"value": value, "type": kind} for value in source.take(name, []) if value]
    if found:
        made["phoneNumbers"] = found


def _places(source: Source, made: Json) -> None:
    found = []
    for kind, theirs in PLACES.items():
        place = source.take(theirs, {})
        entry = {ours: place[name] for ours, name in PLACE.items() if place.get(name)}
        source.lose_rest(theirs, place, PLACE.values())
        if entry:
            found.append({**entry, "type": kind})
    if found:
        made["addresses"] = found


def _relations(source: Source, made: Json) -> None:
    found = [{"person": value, "type": kind} for kind, theirs in RELATIONS.items() if (value := source.take(theirs))]
    found += [{"person": child, "type": "child"} for child in source.take("children", [])]
    if found:
        made["relations"] = found


def _birthday(source: Source, made: Json) -> None:
    given = str(source.take("birthday") or "")
    if not given or given.startswith("0001"):
        return
    year, month, day = (int(part) for part in given[:10].split("-"))
    known = {} if year == NO_YEAR else {"year": year}
    made["birthdays"] = [{"date": {**known, "month": month, "day": day}}]
