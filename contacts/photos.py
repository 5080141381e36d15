"""Getting people's photos: whoever looks asks, a background task fetches, the page shows it when it is here.

A row remembers for which key of the record it was asked, and so learns that another photo is to be asked for. What
the provider does not have, or what is no picture, is not asked for again until the key is another.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from contacts import pictures
from contacts.files import files, name_of
from contacts.models import Contact
from contacts.models.contact import PhotoState
from integrations.errors import IntegrationError, NotFound, PermanentFailure
from integrations.models.connection import State
from integrations.providers.abilities import Portrays
from integrations.records import Service
from integrations.vault import tokens

MOST_BYTES = 5 * 2**20
# A task that was lost, or that failed for a while, is asked for again after this time.
AGAIN = timedelta(minutes=2)
# A page does not look longer than this for one photo.
PATIENCE = timedelta(seconds=30)


def is_wanting(contact: Contact) -> bool:
    """Whether there may be a photo that is neither here nor on its way."""
    if not contact.photo_key:
        return False
    if contact.photo_asked != contact.photo_key:
        return True
    return contact.photo_state in (PhotoState.WANTED, PhotoState.FAILED) and _age(contact) > AGAIN


def is_coming(contact: Contact) -> bool:
    """Whether a photo is on its way and worth waiting for."""
    return contact.photo_state == PhotoState.WANTED and _age(contact) < PATIENCE


def _age(contact: Contact) -> timedelta:
    return timezone.now() - contact.photo_at if contact.photo_at else timedelta.max


@transaction.atomic
def want(contact: Contact) -> None:
    """Ask for a photo if it is wanting. It is fetched after the commit; ``contact`` says how it stands then."""
    from contacts.tasks import fetch_photo

    if not is_wanting(contact):
        return
    # Of two who look at the same time one asks.
    as_read = Contact.objects.filter(pk=contact.pk, photo_asked=contact.photo_asked, photo_at=contact.photo_at)
    contact.photo_asked, contact.photo_state, contact.photo_at = contact.photo_key, PhotoState.WANTED, timezone.now()
    if as_read.update(photo_asked=contact.photo_asked, photo_state=contact.photo_state, photo_at=contact.photo_at):
        transaction.on_commit(lambda: fetch_photo.delay(contact.pk))


def fetch(contact_id: int) -> None:
    """Fetch a photo that is wanted."""
    wanted = Contact.objects.select_related("connection__app").filter(pk=contact_id, photo_state=PhotoState.WANTED)
    contact = wanted.first()
    if contact is None:
        return
    if contact.connection.state != State.ACTIVE:
        _settle(contact, PhotoState.FAILED, contact.photo_digest)
        return
    try:
        content = _content(contact)
    except (NotFound, PermanentFailure):
        content = b""
    except IntegrationError:
        _settle(contact, PhotoState.FAILED, contact.photo_digest)
        return
    digest = sha256(content).hexdigest()[:32] if pictures.kind(content) else ""
    had = name_of(contact) if contact.photo_digest not in ("", digest) else ""
    contact.photo_digest = digest
    if digest:
        files.save(contact.connection_id, name_of(contact), content)
    stored = _settle(contact, PhotoState.SETTLED, digest)
    if had and stored:
        files.forget(contact.connection_id, had)
    if digest and not Contact.objects.filter(pk=contact.pk, photo_digest=digest).exists():
        # Another photo was asked for meanwhile, or the person went.
        files.forget(contact.connection_id, name_of(contact))


def _content(contact: Contact) -> bytes:
    connection = contact.connection
    client = connection.provider_spec.contacts(tokens.session(connection, tokens.Purpose.FETCH, Service.CONTACTS))
    if not isinstance(client, Portrays):
        return b""
    return client.photo(contact.provider_id, contact.photo_asked, MOST_BYTES)


def _settle(contact: Contact, state: PhotoState, digest: str) -> bool:
    """False where something else was asked for meanwhile, or the person is gone."""
    mine = Contact.objects.filter(pk=contact.pk, photo_asked=contact.photo_asked)
    return bool(mine.update(photo_state=state, photo_at=timezone.now(), photo_digest=digest))


def lost(contact: Contact) -> None:
    """The file of a photo is not there any more: it is asked for anew."""
    Contact.objects.filter(pk=contact.pk).update(photo_asked="", photo_state=PhotoState.NONE, photo_digest="")


def listen() -> None:
    """From here on the photo of a person goes with its row, whoever deletes that."""
    post_delete.connect(_forget, sender=Contact, dispatch_uid="photos")


def _forget(instance: Contact, **_: Any) -> None:
    if instance.photo_digest:
        transaction.on_commit(lambda: files.forget(instance.connection_id, name_of(instance)))
