"""Putting an edit into the outbox, and what a person may do with a refused one. Sending is left to ``push``."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.records import Operation, Service
from integrations.sync.stores import KeepsBoth, store_for


def enqueue(
    connection: Connection,
    service: Service,
    operation: Operation,
    target_id: str,
    payload: dict[str, object],
    collection_id: str = "",
) -> Change:
    """Record an edit inside the caller's transaction, with the local change; it goes out after the commit."""
    change = Change.objects.create(
        connection=connection,
        service=service,
        operation=operation,
        target_id=target_id,
        payload=payload,
        collection_id=collection_id,
    )
    # Who edits is here, and wants to see what comes of it.
    Connection.objects.filter(pk=connection.pk).update(active_at=timezone.now())
    transaction.on_commit(lambda: _push_soon(connection))
    return change


@transaction.atomic
def retry(change: Change) -> None:
    """Send a refused edit again; after a conflict that means: over what is there now."""
    store = store_for(Service(change.service))
    payload = store.rebased(change) if isinstance(store, KeepsBoth) else change.payload
    Change.objects.filter(pk=change.pk, state=ChangeState.REFUSED).update(
        state=ChangeState.WAITING, due_at=timezone.now(), error="", error_code="", payload=payload
    )
    waiting = change.connection.changes.filter(
        service=change.service, state__in=(ChangeState.WAITING, ChangeState.SENDING)
    )
    store.overlay(change.connection, list(waiting))
    transaction.on_commit(lambda: _push_soon(change.connection))


@transaction.atomic
def hurry(change: Change) -> None:
    """Try an edit that waits now, and not when its time comes."""
    Change.objects.filter(pk=change.pk, state=ChangeState.WAITING).update(due_at=timezone.now())
    transaction.on_commit(lambda: _push_soon(change.connection))


@transaction.atomic
def withdraw(change: Change) -> bool:
    """Take an edit back that has not been sent. False where it is too late for that."""
    withdrawn, _ = Change.objects.filter(pk=change.pk, state=ChangeState.WAITING).delete()
    if withdrawn:
        store_for(Service(change.service)).revert(change)
    return bool(withdrawn)


@transaction.atomic
def discard(change: Change) -> None:
    """Give a refused edit up: the item shows the provider's state again."""
    store_for(Service(change.service)).revert(change)
    Change.objects.filter(pk=change.pk, state=ChangeState.REFUSED).delete()


def _push_soon(connection: Connection) -> None:
    from integrations.tasks import push_changes

    push_changes.delay(str(connection.pk))
