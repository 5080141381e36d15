"""A person's photo, as a page shows it. Nothing here asks the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contacts import photos
from contacts.models import Contact

COLUMNS = ("photo_key", "photo_asked", "photo_state", "photo_at", "photo_digest")


@dataclass(frozen=True, slots=True)
class Portrait:
    """Whose photo, and the digest of what is here, if anything. ``wanting``: the page asks for it when it is looked
    at; ``coming``: the page looks again.
    """

    id: int
    digest: str
    wanting: bool
    coming: bool


def portrait(books: Iterable[Contact]) -> Portrait | None:
    """The photo of a person in some address books: one that is here before one that may be."""
    known = [_of(contact) for contact in books if contact.photo_key]
    shown = [p for p in known if p.digest] or [p for p in known if p.wanting or p.coming]
    return next(iter(shown), None)


def _of(contact: Contact) -> Portrait:
    return Portrait(contact.pk, contact.photo_digest, photos.is_wanting(contact), photos.is_coming(contact))
