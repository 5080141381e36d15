"""The form of a person: read, checked and compared with what its reader saw. What is done with it is left to views.

Lists come as rows of a value and a label; rows without a value are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict

from contacts.models import Contact
from contacts.store.rows import EDITABLE

TEXTS = ("given_name", "family_name", "nickname", "organization", "job_title", "notes")
LABELS = {"emails": ("", "home", "work", "other"), "phones": ("mobile", "home", "work", "other")}
LONGEST, LONGEST_NOTES, MOST_ROWS = 200, 20_000, 20
_SALT = "contacts.draft"


@dataclass(slots=True)
class Draft:
    """The fields of a form, with what is wrong in words."""

    fields: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    day: str = ""
    month: str = ""
    year: str = ""

    @property
    def says_something(self) -> bool:
        return any(self.fields.values())


def empty() -> Draft:
    return Draft({name: [] if name in LABELS else "" for name in EDITABLE})


def of_contact(contact: Contact) -> Draft:
    """The form as it opens."""
    draft = Draft({name: getattr(contact, name) for name in EDITABLE})
    if len(contact.birthday) >= 7:
        year = contact.birthday[:-6]
        draft.year = year if year.isdecimal() else ""
        draft.month, draft.day = str(int(contact.birthday[-5:-3])), str(int(contact.birthday[-2:]))
    return draft


def read(post: QueryDict) -> Draft:
    """A form that was sent."""
    draft = empty()
    for name in TEXTS:
        most = LONGEST_NOTES if name == "notes" else LONGEST
        draft.fields[name] = post.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip()[:most]
    for name in LABELS:
        draft.fields[name] = _pairs(post, name)
    for value, _ in draft.fields["emails"]:
        try:
            validate_email(value)
        except ValidationError:
            draft.errors["emails"] = f"{value} is no e-mail address."
    draft.day, draft.month, draft.year = (post.get(part, "").strip()[:4] for part in ("day", "month", "year"))
    draft.fields["birthday"] = _birthday(draft)
    if not draft.says_something and not draft.errors:
        draft.errors["given_name"] = "Give a name, an address or a number."
    return draft


def seal(contact: Contact) -> str:
    """What the reader saw, to come back with the form: so only what they changed is sent."""
    return signing.dumps({name: getattr(contact, name) for name in EDITABLE}, salt=_SALT, compress=True)


def unseal(text: str) -> dict[str, Any] | None:
    """None for what is none of ours."""
    try:
        found = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


def _pairs(post: QueryDict, name: str) -> list[list[str]]:
    values, labels = post.getlist(name), post.getlist(f"{name}_label")
    labels += [""] * (len(values) - len(labels))
    pairs = zip(values, labels, strict=False)
    return [[v.strip()[:LONGEST], label.strip()[:40]] for v, label in pairs if v.strip()][:MOST_ROWS]


def _birthday(draft: Draft) -> str:
    if not (draft.day or draft.month or draft.year):
        return ""
    try:
        # The year 2000 has a 29 February, as a birthday without a year may be.
        found = date(int(draft.year or 2000), int(draft.month), int(draft.day))
    except ValueError:
        draft.errors["birthday"] = "There is no such day."
        return ""
    return found.isoformat() if draft.year else f"--{found.month:02}-{found.day:02}"
