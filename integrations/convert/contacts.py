"""Google's person in the form of Microsoft Graph's contact. The way back is in ``contacts_back``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.convert.report import Converted, Json, Source

OWN = frozenset({"resourceName", "etag", "metadata", "memberships", "photos", "coverPhotos", "ageRanges", "ageRange"})
NAMES = {
    "givenName": "givenName",
    "familyName": "surname",
    "middleName": "middleName",
    "honorificPrefix": "title",
    "honorificSuffix": "generation",
}
WORK = {"name": "companyName", "title": "jobTitle", "department": "department"}
PLACE = {
    "streetAddress": "street",
    "city": "city",
    "region": "state",
    "postalCode": "postalCode",
    "country": "countryOrRegion",
}
PLACES = {"home": "homeAddress", "work": "businessAddress", "other": "otherAddress"}
SINGLE = {
    "nicknames": "nickName",
    "biographies": "personalNotes",
    "occupations": "profession",
    "urls": "businessHomePage",
}
RELATIONS = {"spouse": "spouseName", "manager": "manager", "assistant": "assistantName"}
# Outlook keeps three addresses, and this many numbers of a kind; older devices write this year where none is known.
MOST_EMAILS, MOST_PHONES, NO_YEAR = 3, 2, 1604
_DERIVED = ("metadata", "formattedType", "displayNameLastFirst", "unstructuredName", "formattedValue", "canonicalForm")


def contact_to_microsoft(person: Mapping[str, Any]) -> Converted:
    """A person as Google writes it, as a contact to give to Graph."""
    source = Source(person, OWN)
    made: Json = {}
    _name(source, made)
    for name, theirs in SINGLE.items():
        entry = _only(source, name)
        source.lose_rest(name, entry, ("value", "contentType", "type", *_DERIVED))
        if entry.get("contentType") == "TEXT_HTML":  # Outlook's notes are plain text
            source.lose(f"{name}.contentType")
        if entry.get("value"):
            made[theirs] = entry["value"]
    work = _only(source, "organizations")
    made |= {theirs: work[ours] for ours, theirs in WORK.items() if work.get(ours)}
    source.lose_rest("organizations", work, (*WORK, "type", "current", *_DERIVED))
    _emails(source, made)
    _phones(source, made)
    _places(source, made)
    _relations(source, made)
    _birthday(source, made)
    if chats := source.take("imClients", []):
        made["imAddresses"] = [chat["username"] for chat in chats if chat.get("username")]
        if any(chat.get("protocol") or chat.get("type") for chat in chats):
            source.lose("imClients.protocol")
    return source.converted(made)


def _only(source: Source, name: str) -> Json:
    """The first entry of a list of which Outlook keeps one."""
    entries = source.take(name, [])
    if len(entries) > 1:
        source.lose(name)
    return dict(entries[0]) if entries else {}


def _name(source: Source, made: Json) -> None:
    name = _only(source, "names")
    made |= {theirs: name[ours] for ours, theirs in NAMES.items() if name.get(ours)}
    if name.get("displayName"):
        made["displayName"] = name["displayName"]
    source.lose_rest("names", name, (*NAMES, "displayName", *_DERIVED))


def _emails(source: Source, made: Json) -> None:
    entries = [e for e in source.take("emailAddresses", []) if e.get("value")]
    if len(entries) > MOST_EMAILS:
        source.lose("emailAddresses")
    found = []
    for entry in entries[:MOST_EMAILS]:
        source.lose_rest("emailAddresses", entry, ("value", "displayName", *_DERIVED))
        found.append({"address": entry["value"], "name": entry.get("displayName") or entry["value"]})
    if found:
        made["emailAddresses"] = found


def _phones(source: Source, made: Json) -> None:
    at: dict[str, list[str]] = {"mobile": [], "home": [], "work": []}
    for entry in source.take("phoneNumbers", []):
        kind = entry.get("type", "")
        room = 1 if kind == "mobile" else MOST_PHONES
        if kind not in at:
            source.lose("phoneNumbers.type")
            kind, room = "work", MOST_PHONES
        if len(at[kind]) >= room:
            source.lose("phoneNumbers")
        else:
            at[kind].append(entry.get("value", ""))
    if at["mobile"]:
        made["mobilePhone"] = at["mobile"][0]
    made |= {name: at[kind] for name, kind in (("homePhones", "home"), ("businessPhones", "work")) if at[kind]}


def _places(source: Source, made: Json) -> None:
    for entry in source.take("addresses", []):
        place = PLACES.get(entry.get("type", ""))
        if place is None:
            source.lose("addresses.type")
            place = next((p for p in ("otherAddress", *PLACES.values()) if p not in made), "otherAddress")
        if place in made:
            source.lose("addresses")
            continue
        found = {theirs: entry[ours] for ours, theirs in PLACE.items() if entry.get(ours)}
        source.lose_rest("addresses", entry, (*PLACE, "type", "countryCode", *_DERIVED))
        if not found and entry.get("formattedValue"):
            found = {"street": entry["formattedValue"]}
        made[place] = found


def _relations(source: Source, made: Json) -> None:
    children = []
    for entry in source.take("relations", []):
        kind, person = entry.get("type", ""), entry.get("person", "")
        if kind == "child":
            children.append(person)
        elif kind in RELATIONS and RELATIONS[kind] not in made:
            made[RELATIONS[kind]] = person
        else:
            source.lose("relations")
    if children:
        made["children"] = children


def _birthday(source: Source, made: Json) -> None:
    day = _only(source, "birthdays").get("date") or {}
    if day.get("month") and day.get("day"):
        made["birthday"] = f"{day.get('year') or NO_YEAR:04}-{day['month']:02}-{day['day']:02}T11:59:00Z"
    elif day:
        source.lose("birthdays.date")
