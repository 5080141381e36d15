"""What a reader does to people. Each edit changes the row here and puts one entry in the outbox, in one transaction:
the page shows it at once, the provider hears of it soon. Sending is left to the outbox.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from contacts.models import Contact
from contacts.models.contact import NEW
from contacts.store import rows
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.outbox import queue
from integrations.records import Operation, Service

Fields = dict[str, Any]


@transaction.atomic
def create(connection: Connection, fields: Fields) -> Contact:
    """A new person in the account's first address book. Raises ``Http404`` where it has none yet."""
    books = connection.collections.filter(service=Service.CONTACTS.value, enabled=True).exclude(provider_id="")
    book = books.order_by("priority", "pk").first()
    if book is None:
        raise Http404
    row = Contact(
        user_id=connection.user_id,
        connection=connection,
        collection_id=book.provider_id,
        provider_id=f"{NEW}{uuid4()}",
        generation=book.generation,
    )
    filled = {name: value for name, value in fields.items() if value}
    change = _enqueue(row, Operation.CONTACT_CREATE, {"fields": filled})
    rows.show(row, [change])
    row.save()
    return row


@transaction.atomic
def update(contact: Contact, fields: Fields, was: Fields) -> bool:
    """Change the fields that differ from ``was``, what the editor saw. False where none does.

    Raises ``Http404`` for who is gone meanwhile.
    """
    changed = {name: value for name, value in fields.items() if value != was.get(name)}
    if not changed:
        return False
    _lock(contact)
    before = {name: was.get(name) for name in changed}
    _enqueue(contact, Operation.CONTACT_UPDATE, {"fields": changed, "was": before})
    _show(contact)
    return True


@transaction.atomic
def delete(contact: Contact) -> None:
    """Delete a person here and there; one whose creation has not been sent yet is simply forgotten.

    Raises ``Http404`` for who is gone meanwhile.
    """
    _lock(contact)
    mine = _changes(contact)
    if contact.is_new and not mine.filter(state=ChangeState.SENDING).exists():
        mine.filter(state__in=(ChangeState.WAITING, ChangeState.REFUSED)).delete()
        contact.delete()
        return
    _enqueue(contact, Operation.CONTACT_DELETE, {})
    _show(contact)


def set_apart(contact: Contact, *, apart: bool) -> None:
    """Whether somebody is shown on a card of their own. That is the reader's own business and goes to no provider."""
    Contact.objects.filter(pk=contact.pk).update(apart=apart)


@transaction.atomic
def settle_refused(user: User, change_id: UUID, *, again: bool) -> None:
    """Try a refused edit again, or give it up. Raises ``Http404`` where it is not the user's or not refused."""
    refused = Change.objects.filter(
        connection__user=user, service=Service.CONTACTS.value, state=ChangeState.REFUSED, id=change_id
    )
    change = refused.select_related("connection").first()
    if change is None:
        raise Http404
    (queue.retry if again else queue.discard)(change)


def _enqueue(contact: Contact, operation: Operation, payload: dict[str, object]) -> Change:
    return queue.enqueue(
        contact.connection, Service.CONTACTS, operation, contact.provider_id, payload, contact.collection_id
    )


def _changes(contact: Contact) -> QuerySet[Change]:
    return Change.objects.filter(
        connection=contact.connection, service=Service.CONTACTS.value, target_id=contact.provider_id
    )


def _lock(contact: Contact) -> None:
    """Read somebody anew: a sync or the outbox may have written the row since, and given it its lasting id."""
    try:
        contact.refresh_from_db(from_queryset=Contact.objects.select_for_update(no_key=True))
    except Contact.DoesNotExist:
        raise Http404 from None


def _show(contact: Contact) -> None:
    waiting = _changes(contact).filter(state__in=(ChangeState.WAITING, ChangeState.SENDING)).order_by("number")
    rows.show(contact, waiting)
    contact.save(update_fields=rows.KEPT)
