"""The background tasks of contacts: thin, with ids for arguments."""

from __future__ import annotations

from celery import shared_task

from contacts import photos


@shared_task(name="contacts.fetch_photo")
def fetch_photo(contact_id: int) -> None:
    """Fetch the photo of a person whom somebody looked at."""
    photos.fetch(contact_id)
