"""Proof that nothing has drifted: a sample of a collection is read anew and compared with what is here.

Where the provider can name all that a collection holds (``providers.abilities.Lists``), what never came here is read,
too. Taking over what was read repairs what differs; how much that was is on the collection's row. What a row says is
the store's business, reading is the provider's (``Reads``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from integrations.errors import CursorExpired
from integrations.models import Change, Collection
from integrations.models.change import ChangeState
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.providers.abilities import Lists, Reads
from integrations.providers.base import ServiceClient
from integrations.records import Page, Record, Service
from integrations.sync import leases, outcome, sessions
from integrations.sync.stores import Comparable, store_for
from integrations.vault import ledger
from integrations.vault.tokens import Purpose

logger = logging.getLogger(__name__)

SAMPLE = 200
EVERY = timedelta(hours=24)
AT_ONCE = 10
NAMED_AT_ONCE = 500
# So long may an edit of ours be unknown to a provider's readers (People API, people.connections.list).
SPREADING = timedelta(minutes=15)


def due() -> list[int]:
    """Collections whose sample is a day old, some at a time, those never compared first."""
    now = timezone.now()
    edits = Change.objects.filter(connection=OuterRef("connection"), service=OuterRef("service"))
    rows = Collection.objects.filter(
        ~Exists(edits.filter(finished_at__gt=now - SPREADING)),
        Q(compared_at=None) | Q(compared_at__lt=now - EVERY),
        enabled=True,
        phase=Phase.CURRENT,
        last_error="",
        connection__state=State.ACTIVE,
        connection__created_at__lt=now - timedelta(hours=1),
    ).exclude(provider_id="")
    return list(rows.order_by("compared_at").values_list("pk", flat=True)[:AT_ONCE])


def compare(collection_id: int, sample: int = SAMPLE) -> tuple[int, int] | None:
    """Compare a sample, and repair. Answers how many were compared and how many differed; None: not its turn."""
    collection = leases.claim(collection_id)
    if collection is None:
        return None
    found: list[tuple[int, int]] = []
    try:
        with leases.kept(collection), outcome.recorded(collection):
            found.append(_compare(collection, sample))
            compared, differed = found[0]
            kept = store_for(Service(collection.service)).count(collection)
            leases.release(collection, compared_at=timezone.now(), compared=compared, differed=differed, kept=kept)
    except leases.LeaseLost:
        return None
    return found[0] if found else None


def _compare(collection: Collection, sample: int) -> tuple[int, int]:
    connection, service = collection.connection, Service(collection.service)
    store = store_for(service)
    client = connection.provider_spec.client(service, sessions.session(connection, Purpose.SYNC, service))
    if not isinstance(store, Comparable) or not isinstance(client, Reads):
        return 0, 0
    ids = store.sample(collection, sample)
    # What a person changed here is not there yet.
    waiting = Change.objects.filter(
        connection=connection, service=service, state__in=(ChangeState.WAITING, ChangeState.SENDING)
    )
    edited = set(waiting.values_list("target_id", flat=True))
    ids = [i for i in ids if i not in edited]
    if isinstance(client, Lists):
        ids += islice(_missing(client, store, collection, edited), sample)
    changed, removed = client.read(collection.provider_id, ids)
    with transaction.atomic():
        leases.renew(collection)
        before = store.fingerprints(collection, ids)
        page: Page[Record] = Page(collection.cursor, changed, removed)
        store.apply(collection, page)
        # Those that came while the sample was read are among them.
        edits = list(waiting)
        store.overlay(connection, edits)
        after = store.fingerprints(collection, ids)
    differ = {i for i in ids if before.get(i) != after.get(i)} - {edit.target_id for edit in edits}
    if differ and (differ := differ - _to_be_told(client, collection, differ)):
        logger.error("%d of %d sampled items of collection %s differed", len(differ), len(ids), collection.pk)
        detail = f"{collection.name}: {len(differ)} of {len(ids)} sampled items differed and were repaired"
        ledger.record(connection, Happening.RESYNC, detail=detail, code="drift")
    return len(ids), len(differ)


def _missing(client: Lists, store: Comparable, collection: Collection, edited: set[str]) -> Iterator[str]:
    """Ids of what the provider has in the collection and is not here."""
    ids = iter(client.ids(collection.provider_id))
    while some := list(islice(ids, NAMED_AT_ONCE)):
        here = store.fingerprints(collection, some)
        yield from (i for i in some if i not in here and i not in edited)


def _to_be_told(client: ServiceClient, collection: Collection, differ: set[str]) -> set[str]:
    """Those that changed since the last sync, so that the next one would have brought it: no drift."""
    told: set[str] = set()
    try:
        for page in client.sync(collection.record(), collection.cursor):
            told |= {*page.removed}
            for record in page.changed:
                told |= {record.id, *getattr(record, "former_ids", ())}
    except CursorExpired:
        return differ  # all of it comes anew
    return told
