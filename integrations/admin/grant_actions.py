"""What an administrator can do to a grant. What needs the provider runs in the background; pages never wait for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from integrations import tasks
from integrations.models import Grant
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.vault import ledger, lifecycle, rotation
from integrations.vault.grants import ACCESS, REFRESH


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its words, its permission, and doing it to one grant for the person ``actor``; False: not done."""

    title: str
    means: str
    done: str
    permission: str
    run: Callable[[Grant, str], bool]


@transaction.atomic
def _refresh(grant: Grant, actor: str) -> bool:
    if grant.connection.state not in (State.ACTIVE, State.PAUSED):
        return False
    ledger.record(grant.connection, Happening.ORDERED, detail="Renew the access now.", actor=actor)
    transaction.on_commit(partial(tasks.renew_grant.delay, str(grant.pk)))
    return True


def _mark(grant: Grant, actor: str) -> bool:
    return lifecycle.mark(grant.connection, actor)


@transaction.atomic
def _revoke(grant: Grant, actor: str) -> bool:
    if not lifecycle.withdraw(grant.connection, actor):
        return False
    transaction.on_commit(partial(tasks.revoke_grant.delay, str(grant.pk)))
    return True


@transaction.atomic
def _reencrypt(grant: Grant, actor: str) -> bool:
    lifecycle.lock(grant.connection)
    row = Grant.objects.select_for_update().get(pk=grant.pk)
    done = [rotation.encrypt_again(row, field) for field in (ACCESS, REFRESH)]
    if all(done):
        ledger.record(grant.connection, Happening.REENCRYPTED, actor=actor)
    return all(done)


ACTIONS = {
    "refresh": Action(
        "Renew access now",
        "Each provider is asked for a new access token in the background. Nothing else changes.",
        "Renewal asked for",
        "integrations.refresh_grant",
        _refresh,
    ),
    "mark": Action(
        "Mark for reconnecting",
        "Syncing stops and the owner is asked to reconnect. What was synced stays.",
        "Marked",
        "integrations.mark_grant",
        _mark,
    ),
    "revoke": Action(
        "Revoke",
        "The grant is ended at the provider where that is possible, and its tokens are deleted here. Syncing stops and "
        "the owner is asked to reconnect. What was synced stays.",
        "Revoked",
        "integrations.revoke_grant",
        _revoke,
    ),
    "reencrypt": Action(
        "Encrypt with the present key",
        "The stored tokens are encrypted anew with the key ring's primary key. Nothing else changes.",
        "Encrypted anew",
        "integrations.reencrypt_grant",
        _reencrypt,
    ),
}
