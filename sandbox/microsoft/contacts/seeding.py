"""Loads a seed's people as contacts. Outlook has no groups: they become categories."""

from __future__ import annotations

from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft.contacts import store as contacts
from sandbox.microsoft.mail.words import clean
from sandbox.seeds import LeftOut, SeedAccount, SeedContact
from sandbox.store import Store

MAX_EMAILS = 3
MAX_PHONES = 2


def load(store: Store, account: Account, seed: SeedAccount, left_out: LeftOut) -> None:
    """Keep the seed's contacts in the default folder."""
    folder = contacts.default_folder(store, account)
    for one in seed.contacts:
        contacts.add(store, account, folder, fields(one, left_out), one.photo)


def fields(one: SeedContact, left_out: LeftOut) -> dict[str, Any]:
    """A contact in Graph's names; what Outlook has no room for is listed."""
    what = f"contact {one.name}"
    made: dict[str, Any] = {
        "displayName": clean(one.name),
        "fileAs": clean(one.name),
        "givenName": clean(one.given_name) or None,
        "surname": clean(one.family_name) or None,
        "nickName": clean(one.nickname) or None,
        "companyName": clean(one.organization) or None,
        "jobTitle": clean(one.job_title) or None,
        "personalNotes": clean(one.notes),
        "categories": [clean(group) for group in one.groups],
        "emailAddresses": [{"name": clean(one.name), "address": clean(value)} for value, _ in one.emails[:MAX_EMAILS]],
    }
    if len(one.emails) > MAX_EMAILS:
        left_out.add(what, "Outlook keeps three addresses of a contact")
    _phones(one, made, what, left_out)
    _addresses(one, made, what, left_out)
    if len(one.birthday) == 10:
        made["birthday"] = f"{one.birthday}T11:59:00Z"
    elif one.birthday:
        left_out.add(what, "Outlook keeps no birthday without a year")
    return made


def _phones(one: SeedContact, made: dict[str, Any], what: str, left_out: LeftOut) -> None:
    business: list[str] = []
    home: list[str] = []
    mobile = ""
    for value, label in one.phones:
        kind = label.lower()
        if not mobile and ("cell" in kind or "mobile" in kind):
            mobile = clean(value)
        elif "home" in kind and len(home) < MAX_PHONES:
            home.append(clean(value))
        elif len(business) < MAX_PHONES:
            business.append(clean(value))
        elif len(home) < MAX_PHONES:
            home.append(clean(value))
        else:
            left_out.add(what, "Outlook keeps two telephones at work, two at home and a mobile")
    made |= {"businessPhones": business, "homePhones": home, "mobilePhone": mobile or None}


def _addresses(one: SeedContact, made: dict[str, Any], what: str, left_out: LeftOut) -> None:
    places = {"home": "homeAddress", "work": "businessAddress", "business": "businessAddress"}
    for value, label in one.addresses:
        wanted = places.get(label.lower(), "otherAddress")
        free = next((n for n in (wanted, "otherAddress", "homeAddress", "businessAddress") if n not in made), None)
        if free is None:
            left_out.add(what, "Outlook keeps three postal addresses of a contact")
        else:
            made[free] = {"street": clean(value)}
