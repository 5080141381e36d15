"""A round over many connections: everything that is due is renewed, and memory does not grow with their number."""

from __future__ import annotations

import gc
import logging
import tracemalloc
from collections import deque
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from integrations.models import Connection, Grant, LedgerEntry, LedgerHead, OAuthApp
from integrations.records import TokenSet
from integrations.vault import ahead, ledger_check, refresh
from integrations.vault.fields import Plain, open_sealed
from tests.providers.wire import Asked, Said, Wire, said_json

FEW, MANY = 150, 1500


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A token endpoint that gives everybody an hour."""
    wire = Wire()
    wire.asked = deque(maxlen=1)  # type: ignore[assignment]  # what was asked is not what is measured
    wire.answer = answer
    yield wire
    wire.close()


def answer(_: Asked) -> Said:
    return said_json({"access_token": "access-" + "a" * 1500, "expires_in": 3600, "token_type": "Bearer"})


def connected(app: OAuthApp, count: int) -> None:
    """That many connections whose tokens end."""
    user = User.objects.create_user(f"{count}@example.org", None)
    made = Connection.objects.bulk_create(
        Connection(user=user, provider="google", app=app, subject=f"{count}-{n}", email=f"{n}@example.com")
        for n in range(count)
    )
    past = timezone.now() - timedelta(minutes=1)
    Grant.objects.bulk_create(
        [Grant(connection=one, refresh_token=Plain("refresh-" + "r" * 400), renew_at=past) for one in made], 500
    )


def peak_of_a_round(expected: int) -> int:
    """The most memory that a round needed beyond what was there before it, in bytes."""
    logging.disable()  # the run keeps every line until its end
    # A grant and its connection know each other, so the collector frees them. It comes round when many objects have
    # gathered; here it comes soon, so that what is measured is what the round holds.
    often = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(700, 2, 2)
    tracemalloc.start()
    try:
        renewed = ahead.refresh_due(seconds=1200)
        assert renewed == expected, set(Grant.objects.values_list("last_error", flat=True))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.set_threshold(*often)
        gc.unfreeze()
        logging.disable(logging.NOTSET)


@pytest.mark.proofs
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_ten_times_the_connections_need_no_more_memory(wire: Wire) -> None:
    app = OAuthApp.objects.create(
        provider="google", client_id="client", client_secret=Plain("s"), endpoints={"token": f"{wire.base}/token"}
    )
    connected(app, 50)
    peak_of_a_round(50)  # what is loaded on first use
    connected(app, FEW)
    few = peak_of_a_round(FEW)
    connected(app, MANY)
    many = peak_of_a_round(MANY)
    assert many < few * 1.25 + 512 * 1024, f"{few:,} bytes for {FEW}, {many:,} for {MANY}"
    assert not ahead.due().exists() and ahead.refresh_due() == 0
    assert LedgerHead.objects.count() == 50 + FEW + MANY
    assert ledger_check.check().findings == ()


def settled(count: int) -> int:
    """Renew that many as one batch, each other one with a new refresh token. How many statements it took."""
    ends = timezone.now() + timedelta(hours=1)
    with CaptureQueriesContext(database) as asked:
        batch = ahead.claim_batch()
        assert len(batch) == count
        refresh.settle_all(
            [
                (grant, lease, TokenSet(f"access-{n}", ends, frozenset(), f"fresh-{n}" if n % 2 else ""))
                for n, (grant, lease) in enumerate(batch)
            ]
        )
    for n, (before, _) in enumerate(batch):
        grant = Grant.objects.get(pk=before.pk)
        assert open_sealed(grant, "access_token") == f"access-{n}" and grant.version == before.version + 1
        assert open_sealed(grant, "refresh_token") == (f"fresh-{n}" if n % 2 else "refresh-" + "r" * 400)
        assert grant.lease is None and grant.issued_at == before.issued_at
        assert LedgerEntry.objects.get(connection=before.pk).fingerprint == grant.access_fingerprint
    return len(asked)


@pytest.mark.django_db
def test_a_batch_takes_as_many_statements_whatever_its_size_and_keeps_refresh_tokens_that_stay() -> None:
    app = OAuthApp.objects.create(provider="google", client_id="client", client_secret=Plain("s"))
    connected(app, 2)
    settled(2)  # what the vault makes on first use
    connected(app, 4)
    few = settled(4)
    connected(app, 40)
    assert settled(40) == few
