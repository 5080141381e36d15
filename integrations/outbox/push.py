"""Sending a connection's edits: in order, one at a time, each under its idempotency key.

One that was being sent when its process died, or whose answer was lost, is tried again, marked as repeated: providers
make sure that it happens once. What must not happen twice waits first, until an attempt under way has surely ended.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import uniform

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from integrations import errors, keeper
from integrations.keeper import LEASE
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.models.connection import State
from integrations.providers.abilities import Reads
from integrations.records import ContactRecord, EventRecord, Operation, Page, Record, Service
from integrations.sync import outcome, sessions
from integrations.sync.stores import KeepsBoth, store_for
from integrations.vault import tokens

logger = logging.getLogger(__name__)

LONGEST_RETRY_SECONDS = 900.0
# How long a provider may take to carry out what it got from a process that died meanwhile.
SETTLING = timedelta(seconds=45)
# Nothing is there yet that could be gone: what is missing is where it should go.
_MAKING = (Operation.MAIL_SEND, Operation.EVENT_CREATE, Operation.CONTACT_CREATE)


def push(connection_id: str) -> None:
    """Send what waits, until it is all confirmed or something must wait. Does nothing when another process is at it."""
    lease = uuid.uuid4()
    mine = Connection.objects.filter(pk=connection_id, push_lease=lease)
    with keeper.kept(lambda: mine.update(push_lease_until=timezone.now() + LEASE)):
        while _claim(connection_id, lease):
            connection = Connection.objects.select_related("app").get(pk=connection_id)
            change = _next(connection)
            if change is None:
                break
            if not _send(connection, change):
                break
    mine.update(push_lease=None, push_lease_until=None)


def _claim(connection_id: str, lease: uuid.UUID) -> bool:
    """Take or renew the connection's push lease."""
    now = timezone.now()
    free = Q(push_lease=None) | Q(push_lease=lease) | Q(push_lease_until__lt=now)
    mine = Connection.objects.filter(free, pk=connection_id, state=State.ACTIVE)
    return bool(mine.update(push_lease=lease, push_lease_until=now + LEASE))


def _next(connection: Connection) -> Change | None:
    """The oldest edit that is not settled, if its time has come: later ones never overtake it."""
    change = connection.changes.filter(state__in=(ChangeState.WAITING, ChangeState.SENDING)).first()
    return change if change is not None and change.due_at <= timezone.now() else None


def _send(connection: Connection, change: Change) -> bool:
    """Send one edit. True when it is settled and the next may go."""
    service, making = Service(change.service), change.operation in _MAKING
    Change.objects.filter(pk=change.pk).update(
        state=ChangeState.SENDING,
        attempts=change.attempts + 1,
        due_at=timezone.now() + SETTLING if making else change.due_at,
    )
    seen = _seen(connection, service)
    try:
        client = connection.provider_spec.client(service, sessions.session(connection, tokens.Purpose.SEND, service))
        records: Sequence[Record] = client.apply(change.record())
    except errors.NotFound as error:
        if making:
            _refuse(connection, service, change, error)
        else:
            _gone(connection, service, change)
        return True
    except (errors.ReconnectRequired, errors.Unauthorized) as error:
        outcome.end_grant(connection, error)
        _postpone(change, error, LONGEST_RETRY_SECONDS)
        return False
    except errors.RateLimited as error:
        _postpone(change, error, error.retry_after)
        return False
    except (errors.TemporaryFailure, errors.MisconfiguredApp) as error:
        seconds = min(2.0 ** (change.attempts + 1), LONGEST_RETRY_SECONDS)
        if making and getattr(error, "sent", False):
            seconds = max(seconds, SETTLING.total_seconds())
        _postpone(change, error, seconds)
        return False
    except errors.IntegrationError as error:
        _refuse(connection, service, change, error)
        return True
    gone: tuple[str, ...] = ()
    while not _confirm(connection, service, change, records, gone, seen):
        seen = _seen(connection, service)
        records, gone = _read_again(client, change, records)
    return True


Seen = dict[int, datetime | None]


def _seen(connection: Connection, service: Service) -> Seen:
    """When a sync last brought something to each collection of a service."""
    return dict(connection.collections.filter(service=service).values_list("pk", "changed_at"))


def _confirm(
    connection: Connection,
    service: Service,
    change: Change,
    records: Sequence[Record],
    gone: Sequence[str],
    seen: Seen,
) -> bool:
    """Take over what the provider answered. False, and nothing done, where a sync brought what may be newer."""
    try:
        with transaction.atomic():
            _settle(change, ChangeState.DONE)
            store = store_for(service)
            store.confirm(connection, records)
            _drop(connection, service, change, gone)
            # Asked after the rows were written, which waits for a sync that is just writing them.
            if _seen(connection, service) != seen:
                transaction.set_rollback(True)
                return False
            later = connection.changes.filter(service=service, state__in=(ChangeState.WAITING, ChangeState.SENDING))
            store.overlay(connection, list(later))
            _look_again(connection, change)
    except IntegrityError:
        # What was made here came by a sync that was just being written.
        if _seen(connection, service) == seen:
            raise
        return False
    return True


def _read_again(client: object, change: Change, records: Sequence[Record]) -> tuple[Sequence[Record], tuple[str, ...]]:
    """The same items as they are now, or as they were where they cannot be read.

    With them the ids that those had here which were made by this edit and are gone by now.
    """
    if not records or not isinstance(client, Reads):
        return records, ()
    try:
        now, _ = client.read(change.collection_id, sorted({record.id for record in records}))
    except errors.IntegrationError:
        return records, ()
    # Only the answer to the edit itself knows by what id an item went here.
    former = {record.id: record.former_ids for record in records if isinstance(record, EventRecord | ContactRecord)}
    found = [
        replace(record, former_ids=record.former_ids | former.pop(record.id, frozenset()))
        if isinstance(record, EventRecord | ContactRecord)
        else record
        for record in now
    ]
    return found, tuple(i for ids in former.values() for i in ids)


def _drop(connection: Connection, service: Service, change: Change, ids: Sequence[str]) -> None:
    """What was made here and is gone at the provider already."""
    page: Page[Record] = Page(cursor="", removed=tuple(ids))
    for collection in connection.collections.filter(service=service, provider_id=change.collection_id) if ids else ():
        store_for(service).apply(collection, page)


@transaction.atomic
def _refuse(connection: Connection, service: Service, change: Change, error: errors.IntegrationError) -> None:
    _settle(change, ChangeState.REFUSED, error)
    store = store_for(service)
    if isinstance(store, KeepsBoth):
        store.refused(change)
    _look_again(connection, change)


def _look_again(connection: Connection, change: Change) -> None:
    """What an edit brought about, or why it was refused, comes with the next sync, which need not wait."""
    mine = connection.collections.filter(service=change.service, enabled=True)
    mine.filter(provider_id=change.collection_id).exclude(provider_id="").update(due_at=timezone.now())


@transaction.atomic
def _gone(connection: Connection, service: Service, change: Change) -> None:
    """The item went meanwhile at the provider: it goes here too, wherever the edit has put it."""
    _settle(change, ChangeState.DONE)
    gone: Page[Record] = Page(cursor="", removed=(change.target_id,))
    for collection in connection.collections.filter(service=service).exclude(provider_id=""):
        store_for(service).apply(collection, gone)


def _settle(change: Change, state: ChangeState, error: errors.IntegrationError | None = None) -> None:
    Change.objects.filter(pk=change.pk).update(
        state=state,
        finished_at=timezone.now(),
        error=error.explanation[:300] if error else "",
        error_code=error.code[:100] if error else "",
    )


def _postpone(change: Change, error: errors.IntegrationError, seconds: float) -> None:
    logger.info("Change %s waits: %s (%s)", change.pk, type(error).__name__, error.code)
    Change.objects.filter(pk=change.pk).update(
        state=ChangeState.WAITING,
        due_at=timezone.now() + timedelta(seconds=seconds * uniform(1.0, 1.25)),
        error=error.explanation[:300],
        error_code=error.code[:100],
    )


def waiting_connections() -> list[str]:
    """Connections with an edit whose time has come, for the sweeper."""
    due = Change.objects.filter(
        state__in=(ChangeState.WAITING, ChangeState.SENDING), due_at__lte=timezone.now(), connection__state=State.ACTIVE
    )
    return [str(pk) for pk in due.values_list("connection_id", flat=True).distinct()]
