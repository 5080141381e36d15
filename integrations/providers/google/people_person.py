"""Turns Google's people and contact groups into records. Fetching them is left to ``people``, edits to ``people_edit``.

A person is put together from several sources; only entries of the source CONTACT belong to the address book itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.providers.mime import clean
from integrations.records import ContactGroupRecord, ContactRecord, Labelled

FIELDS = (
    *("addresses", "biographies", "birthdays", "emailAddresses", "memberships", "metadata", "names", "nicknames"),
    *("organizations", "phoneNumbers", "photos"),
)
# otherContacts.list takes no other fields.
OTHER_FIELDS = ("emailAddresses", "metadata", "names", "phoneNumbers", "photos")
# Membership in these says nothing that the list itself does not say.
_EVERYBODY = frozenset({"contactGroups/myContacts", "contactGroups/all"})
_LABEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
Person = Mapping[str, Any]


def is_removal(person: Person) -> bool:
    """Whether a person is gone (People API, people.connections.list: ``metadata.deleted``)."""
    return bool((person.get("metadata") or {}).get("deleted"))


def contact_record(person: Person, *, read_only: bool = False) -> ContactRecord:
    """A person who is there. Raises ``KeyError`` for one without a resource name."""
    metadata = person.get("metadata") or {}
    emails, phones = _labelled(person, "emailAddresses"), _labelled(person, "phoneNumbers")
    name, work = _first(person, "names"), _first(person, "organizations")
    return ContactRecord(
        id=str(person["resourceName"]),
        name=clean(str(name.get("displayName") or name.get("unstructuredName") or "")),
        given_name=clean(str(name.get("givenName") or "")),
        family_name=clean(str(name.get("familyName") or "")),
        nickname=clean(str(_first(person, "nicknames").get("value") or "")),
        emails=emails,
        phones=phones,
        addresses=_labelled(person, "addresses", "formattedValue"),
        organization=clean(str(work.get("name") or "")),
        job_title=clean(str(work.get("title") or "")),
        birthday=_birthday(_first(person, "birthdays")),
        notes=clean(str(_first(person, "biographies").get("value") or "")),
        group_ids=frozenset(_groups(person)),
        photo_key=_photo(person.get("photos") or ()),
        read_only=read_only or not _in_address_book(metadata.get("sources") or ()),
        etag=str(person.get("etag") or ""),
        former_ids=frozenset(map(str, metadata.get("previousResourceNames") or ())) - {str(person["resourceName"])},
    )


def group_record(group: Mapping[str, Any]) -> ContactGroupRecord:
    """A contact group."""
    name = str(group.get("formattedName") or group.get("name") or "")
    return ContactGroupRecord(group["resourceName"], clean(name), group.get("groupType") == "SYSTEM_CONTACT_GROUP")


def is_own(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is the address book's, and not of the person's own profile."""
    source = (entry.get("metadata") or {}).get("source") or {}
    return source.get("type", "CONTACT") in ("CONTACT", "OTHER_CONTACT")


def label_of(entry: Mapping[str, Any]) -> str:
    """An entry's label as a person would say it: ``homeFax`` is "home fax"."""
    return clean(_LABEL.sub(" ", str(entry.get("type") or "")).lower())


def _labelled(person: Person, field: str, key: str = "value") -> tuple[Labelled, ...]:
    entries = (e for e in person.get(field) or () if e.get(key))
    found: dict[str, Labelled] = {}
    for entry in entries:
        value = clean(str(entry[key])).strip()
        # A profile repeats what the address book says already.
        found.setdefault(value.casefold(), Labelled(value, label_of(entry)))
    return tuple(found.values())


def _first(person: Person, field: str) -> Mapping[str, Any]:
    """The entry of the address book, else any."""
    entries: Sequence[Mapping[str, Any]] = person.get(field) or ()
    return next((e for e in entries if is_own(e)), entries[0] if entries else {})


def _groups(person: Person) -> Iterable[str]:
    for membership in person.get("memberships") or ():
        group = (membership.get("contactGroupMembership") or {}).get("contactGroupResourceName")
        if group and group not in _EVERYBODY:
            yield str(group)


def _birthday(entry: Mapping[str, Any]) -> str:
    """A day with its year where Google knows it; without a month and a day it is none (People API, Date)."""
    day = entry.get("date") or {}
    year, month, number = (int(day.get(part) or 0) for part in ("year", "month", "day"))
    if not (month and number):
        return ""
    return f"{year:04}-{month:02}-{number:02}" if year else f"--{month:02}-{number:02}"


def _photo(photos: Sequence[Mapping[str, Any]]) -> str:
    """The address of a photo that somebody chose; a monogram that Google drew is none."""
    return next((str(p.get("url") or "") for p in photos if not p.get("default")), "")


def _in_address_book(sources: Sequence[Mapping[str, Any]]) -> bool:
    return not sources or any(source.get("type") == "CONTACT" for source in sources)
