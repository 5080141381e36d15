"""Where fetched photos lie: each under its person's number and what it holds, so that a new one never takes its place
before the row says so.
"""

from __future__ import annotations

from contacts.models import Contact
from integrations.files import Files

files = Files("people")


def name_of(contact: Contact) -> str:
    """The name of a person's file."""
    return f"{contact.pk}.{contact.photo_digest}"
