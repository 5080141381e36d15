"""Puts a seeded account's contacts into its address book, and people whom it writes to among the other contacts."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.google.people.directory import Directory, Person, membership
from sandbox.seeds import LeftOut, SeedAccount, SeedContact
from sandbox.store import Store

_BIRTHDAY = re.compile(r"(?:(\d{4})|-)-(\d\d)-(\d\d)")


def load(store: Store, account_id: int, seed: SeedAccount, left_out: LeftOut) -> None:
    """Every contact of the seed; one that says nothing at all is listed."""
    directory = Directory(store, account_id)
    directory.open()
    for contact in seed.contacts:
        person = _person(contact)
        if not person:
            left_out.add(f"{seed.email}: a contact", "it has neither a name nor an address")
            continue
        groups = ["myContacts"] + [directory.group_named(g) or directory.put_group(g) for g in contact.groups]
        directory.add(person | {"memberships": [membership(g) for g in groups]}, photo=contact.photo)


def _labelled(pairs: tuple[tuple[str, str], ...], key: str) -> list[dict[str, Any]]:
    out = []
    for value, label in pairs:
        kind = {"type": label, "formattedType": label[:1].upper() + label[1:]} if label else {}
        out.append({key: value} | kind)
    return out


def _person(seed: SeedContact) -> Person:
    person: Person = {
        "emailAddresses": _labelled(seed.emails, "value"),
        "phoneNumbers": _labelled(seed.phones, "value"),
        "addresses": _labelled(seed.addresses, "formattedValue"),
    }
    if seed.name or seed.given_name or seed.family_name:
        whole = seed.name or f"{seed.given_name} {seed.family_name}".strip()
        name = {"displayName": whole, "unstructuredName": whole}
        parts = {"givenName": seed.given_name, "familyName": seed.family_name}
        person["names"] = [name | {k: v for k, v in parts.items() if v}]
    if seed.nickname:
        person["nicknames"] = [{"value": seed.nickname}]
    if seed.organization or seed.job_title:
        work = {"name": seed.organization, "title": seed.job_title}
        person["organizations"] = [{k: v for k, v in work.items() if v}]
    born = _BIRTHDAY.fullmatch(seed.birthday)
    if born:
        day = {"month": int(born[2]), "day": int(born[3])}
        person["birthdays"] = [{"date": ({"year": int(born[1])} if born[1] else {}) | day}]
    if seed.notes:
        person["biographies"] = [{"value": seed.notes, "contentType": "TEXT_PLAIN"}]
    return {k: v for k, v in person.items() if v}


def remember(store: Store, account_id: int, addresses: list[str]) -> None:
    """Keep new addresses that mail was sent to among the other contacts. Call it inside ``store.write()``."""
    directory = Directory(store, account_id)
    rows = directory.people() + directory.people(other=True)
    known = {e["value"].lower() for row in rows for e in json.loads(row["person"]).get("emailAddresses", ())}
    for address in addresses:
        if address.lower() not in known:
            directory.add({"emailAddresses": [{"value": address}]}, other=True)
