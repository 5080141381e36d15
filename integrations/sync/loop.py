"""The one sync loop: cursor in, pages out, each page and its cursor in one transaction.

Killed anywhere, the next run continues after the last page. What an error means for the schedule is left to
``outcome``;
what a record means is left to the stores.
"""

from __future__ import annotations

import time

from django.db import transaction
from django.utils import timezone

from integrations.errors import CursorExpired, PermanentFailure
from integrations.models import Change, Collection
from integrations.models.change import ChangeState
from integrations.models.collection import Phase
from integrations.models.ledger import Happening
from integrations.records import Page, Record, Service
from integrations.sync import discovery, freshness, leases, missing, outcome, sessions
from integrations.sync.stores import store_for
from integrations.vault import ledger, tokens

# A long walk gives its worker back after this time and goes on from its cursor when its turn comes again.
SLICE_SECONDS = 30.0
# Full walks without a single run in between that just continued: more is a loop, and is waited out.
MOST_WALKS = 3
LOOP = "resync_loop"


def run(collection_id: int) -> bool:
    """Sync one collection if it is its turn. True when it ran, however that ended."""
    collection = leases.claim(collection_id)
    if collection is None:
        return False
    run_claimed(collection)
    return True


def run_claimed(collection: Collection) -> None:
    """Sync a collection that is leased to the caller."""
    try:
        with leases.kept(collection), outcome.recorded(collection):
            if collection.is_list:
                discovery.discover(collection)
            else:
                _walk(collection)
    except leases.LeaseLost:
        return


def _walk(collection: Collection) -> None:
    """Follow the collection's cursor to its end, or for one slice of time. An expired cursor starts one full walk."""
    try:
        _follow(collection)
    except CursorExpired as expired:
        if not collection.cursor:
            raise  # a walk's very beginning is refused
        # Having waited, it may walk once, and waits again should that be in vain.
        if collection.walks_in_a_row >= MOST_WALKS and collection.last_error_code != LOOP:
            raise PermanentFailure(
                "The provider keeps losing our place, so OsMEN waits before it reads everything once more.",
                code=LOOP,
            ) from expired
        _start_over(collection, expired)
        _follow(collection)


def _follow(collection: Collection) -> None:
    connection = collection.connection
    service = Service(collection.service)
    client = connection.provider_spec.client(service, sessions.session(connection, tokens.Purpose.SYNC, service))
    started, full = time.monotonic(), False
    ended: dict[str, object] = {"walks_in_a_row": 0}
    for page in client.sync(collection.record(), collection.cursor or None):
        if page.complete and not (full or page.full or page.changed or page.removed):
            # Nothing to store: the cursor is written with the outcome, in one statement.
            ended |= {"cursor": page.cursor, "total": None}
            break
        save(collection, page)
        full = full or page.full
        if not page.complete and time.monotonic() - started > SLICE_SECONDS:
            outcome.to_be_continued(collection)
            return
    missing.find(collection, client)
    if full:
        # What changed during the walk comes with the next run, which need not wait.
        outcome.walked(collection)
    else:
        outcome.succeeded(collection, **ended)


@transaction.atomic
def save(collection: Collection, page: Page[Record]) -> None:
    """One page: its rows, its cursor and the lease's renewal commit together, or not at all."""
    if page.full and collection.phase == Phase.CURRENT:
        # The provider began a full walk of its own accord, as when a window moves on.
        collection.phase, collection.generation, collection.walked = Phase.RECOVERING, collection.generation + 1, 0
        collection.walk_began_at = timezone.now()
    if page.full and collection.walk_began_at is None:
        collection.walk_began_at = timezone.now()
    if page.changed or page.removed:
        collection.changed_at = timezone.now()
    freshness.measure(collection, page)
    collection.cursor = page.cursor
    collection.walked = collection.walked + len(page.changed) if page.full else 0
    collection.total = page.total if page.full else None
    store = store_for(Service(collection.service))
    store.apply(collection, page)
    if page.full and page.complete:
        store.finish_walk(collection)
        collection.phase = Phase.CURRENT
    pending = Change.objects.filter(
        connection_id=collection.connection_id,
        service=collection.service,
        state__in=(ChangeState.WAITING, ChangeState.SENDING),
    )
    store.overlay(collection.connection, list(pending))
    if page.complete if page.full else page.changed or page.removed:
        # Pages and totals: whoever looks at a connection every two seconds must not count its rows each time.
        collection.kept = store.count(collection)
    leases.renew(
        collection,
        cursor=collection.cursor,
        kept=collection.kept,
        phase=collection.phase,
        generation=collection.generation,
        walked=collection.walked,
        total=collection.total,
        walk_began_at=collection.walk_began_at,
        changed_at=collection.changed_at,
    )


@transaction.atomic
def _start_over(collection: Collection, expired: CursorExpired) -> None:
    """Begin a full walk. What is there stays readable; what the walk does not mention goes at its end."""
    if collection.phase == Phase.CURRENT:
        collection.phase = Phase.RECOVERING
    collection.cursor, collection.walked, collection.total = "", 0, None
    collection.generation += 1
    collection.walks_in_a_row += 1
    collection.walk_began_at = timezone.now()
    leases.renew(
        collection,
        cursor="",
        phase=collection.phase,
        generation=collection.generation,
        walked=0,
        total=None,
        walks_in_a_row=collection.walks_in_a_row,
        walk_began_at=collection.walk_began_at,
        recovered_at=collection.walk_began_at,
    )
    ledger.record(
        collection.connection, Happening.RESYNC, detail=f"{collection.name}: {expired.explanation}", code=expired.code
    )
