"""Any order of renewing, revoking, reconnecting, rotating keys and failing: the connection keeps its last valid grant.

The steps are in ``histories``; processes that are killed for real in ``test_kills`` and ``test_processes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from integrations.errors import MisconfiguredApp, ReconnectRequired
from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.records import TokenSet
from integrations.vault import apps, refresh, tokens
from integrations.vault.fields import open_sealed
from tests.vault.histories import AtMicrosoft, Interleavings, own_ring

QUICK = {"max_examples": 12, "stateful_step_count": 20}
LONG = {"max_examples": 60, "stateful_step_count": 50}


@pytest.mark.parametrize("machine", [Interleavings, AtMicrosoft])
@pytest.mark.parametrize("effort", [QUICK, pytest.param(LONG, marks=[pytest.mark.proofs, pytest.mark.timeout(1200)])])
@pytest.mark.django_db(transaction=True)
def test_no_interleaving_loses_a_grant_or_makes_a_page_lie(
    machine: type[RuleBasedStateMachine], effort: dict[str, int], tmp_path: Any, settings: Any
) -> None:
    with own_ring(tmp_path, settings):
        options = settings_of(effort)
        run_state_machine_as_test(machine, settings=options)


def settings_of(effort: dict[str, int]) -> settings:
    """Without a deadline: what takes how long is not the question here."""
    return settings(**effort, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)  # type: ignore[arg-type]


@pytest.fixture
def history(db: None, tmp_path: Any, settings: Any) -> Iterator[Interleavings]:
    """The machine in a test's own hand."""
    with own_ring(tmp_path, settings):
        machine = Interleavings()
        yield machine
        machine.teardown()


def test_a_refusal_that_arrives_after_a_reconnect_ends_nothing(history: Interleavings) -> None:
    history.a_process_begins_to_renew("ada", asks=False)
    history.the_owner_revokes_at_the_provider("ada", reconnects=True)
    _, grant, lease, refusal = history.answered.pop()
    assert isinstance(refusal, ReconnectRequired)
    refresh.settle(grant, lease, refusal)
    history.the_last_valid_grant_is_here_and_the_page_is_right()


def test_tokens_that_arrive_after_a_reconnect_are_dropped(history: Interleavings) -> None:
    history.vendor.rotates = True
    history.a_process_begins_to_renew("ada", asks=True)
    history.the_owner_revokes_at_the_provider("ada", reconnects=True)
    _, grant, lease, fresh = history.answered.pop()
    assert isinstance(fresh, TokenSet) and fresh.refresh_token not in history.vendor.good
    refresh.settle(grant, lease, fresh)
    history.the_last_valid_grant_is_here_and_the_page_is_right()


def test_a_rotation_of_keys_keeps_what_a_renewal_saved_meanwhile(history: Interleavings) -> None:
    history.vendor.rotates = True
    history.a_process_begins_to_renew("ada", asks=True)
    history.the_operator_rotates_the_keys()
    _, grant, lease, fresh = history.answered.pop()
    refresh.settle(grant, lease, fresh)
    history.the_operator_rotates_the_keys()
    assert isinstance(fresh, TokenSet)
    assert open_sealed(Grant.objects.get(pk=grant.pk), "refresh_token") == fresh.refresh_token


def test_a_rotation_that_retires_the_key_of_a_loaded_grant_makes_nothing_unreadable(history: Interleavings) -> None:
    history.a_process_begins_to_renew("ada", asks=False)
    _, grant, lease = history.under_way.pop()
    app = OAuthApp.objects.get()
    history.the_operator_rotates_the_keys()
    refresh.settle(grant, lease, refresh.ask(grant))
    with pytest.raises(MisconfiguredApp) as unread:
        app.credentials()
    apps.refused(app, unread.value)
    history.the_last_valid_grant_is_here_and_the_page_is_right()
    assert not OAuthApp.objects.get().trouble and not LedgerEntry.objects.filter(what="unreadable").exists()


@pytest.mark.parametrize("expired", [False, True])
def test_whoever_asks_while_a_rotation_ends_gets_a_token_all_the_same(
    history: Interleavings, monkeypatch: pytest.MonkeyPatch, expired: bool
) -> None:
    if expired:
        Grant.objects.update(access_expires_at=None)
    load = tokens._load

    def slow(connection: Connection, purpose: tokens.Purpose, columns: Sequence[str] = ()) -> Grant:
        """Between loading what is needed of the grant and reading it the keys are rotated, once."""
        grant = load(connection, purpose, columns)
        if bool(columns) is not expired:
            monkeypatch.setattr(tokens, "_load", load)
            history.the_operator_rotates_the_keys()
        return grant

    monkeypatch.setattr(tokens, "_load", slow)
    assert tokens.access_token(history.connection("ada"), purpose=tokens.Purpose.SYNC).startswith("access-ada-")
    history.the_last_valid_grant_is_here_and_the_page_is_right()
