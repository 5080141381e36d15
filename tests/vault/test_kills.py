"""Processes that renew and are killed outright, while keys are rotated and the owner revokes and reconnects."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.errors import IntegrationError, ReconnectRequired
from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.vault import keyring, keysource, ledger_check, rotation
from integrations.vault.fields import open_sealed
from tests.journey.person import Person
from tests.vault.histories import own_ring
from tests.vault.processes import Nursery
from tests.vault.test_tokens import BOTH, expire, token

ROUNDS = 25


@pytest.fixture
def ring(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A key ring of this test's own, there before anybody is."""
    with own_ring(tmp_path, settings):
        yield tmp_path / "keyset.json"


def rotate() -> None:
    """As an operator does it: every process has read the new key before another encrypts with it."""
    ring = keyring.keyset().added()
    keysource.write(ring)
    time.sleep(0.05)
    keysource.write(ring.promoted(ring.ids[-1]))
    rotation.run()
    for old in ring.ids[:-1]:
        if not rotation.uses().get(old):
            keysource.write(keyring.keyset().without(old))


def still_works(connection: Connection) -> None:
    """Its grant is the account's, is good at the provider, and its page says so."""
    expire(connection)
    deadline = time.monotonic() + 30
    while True:
        Grant.objects.update(burst=0, retry_at=None)
        try:
            given = token(connection)
            break
        except ReconnectRequired:
            raise
        except IntegrationError:
            assert time.monotonic() < deadline
    connection.refresh_from_db()
    assert connection.state == State.ACTIVE
    assert open_sealed(Grant.objects.get(), "access_token") == given


@BOTH
@pytest.mark.proofs
@pytest.mark.timeout(600)
def test_no_kill_at_any_moment_loses_a_grant(ring: Path, ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    dice = random.Random(4)
    with Nursery(connection.pk, ring) as nursery:
        for _ in range(ROUNDS):
            nursery.has_one_more()
            nursery.has_one_more()
            time.sleep(dice.uniform(0.05, 0.5))
            done = dice.choice(("nothing", "nothing", "rotate", "revoke", "reconnect"))
            if done == "rotate":
                rotate()
            elif done == "revoke":
                ada.sandbox.drill("revoke-grant", provider=provider, email=account)
            nursery.kills_the_eldest()
            if done in ("revoke", "reconnect"):
                ada.connects(provider, account, reconnect=str(connection.pk))
            time.sleep(dice.uniform(0.0, 0.3))
            nursery.kills_the_eldest()
            # The lease of whoever died ends by itself.
            Grant.objects.filter(lease__isnull=False).update(lease_until=timezone.now())
            still_works(connection)
    owners = {t["account"] for t in ada.sandbox.tokens() if t["value"] == token(connection)}
    assert owners == {account}
    assert ledger_check.check().findings == ()
