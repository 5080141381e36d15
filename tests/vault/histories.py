"""A state machine of everything that can happen to two grants at once, for Hypothesis to put in any order.

The provider here is a model of the two vendors' rules at the address of the token endpoint: it knows which refresh
tokens are good. Steps that may overlap are cut where the vault lets others in: between claim, ask and settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.models import User
from integrations.errors import IntegrationError, ReconnectRequired
from integrations.models import Connection, Grant, LedgerEntry, LedgerHead, OAuthApp, UsageHour, VaultSecret
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.records import TokenSet
from integrations.vault import grants, keyring, keysource, ledger, ledger_check, lifecycle, refresh, rotation, tokens
from integrations.vault.fields import Plain, open_sealed
from tests.providers.wire import Asked, Said, Wire, said_json

ACCOUNTS = ("ada", "ben")
# Mostly one of them, so that steps meet; the other is there to be mixed up with.
SOMEBODY = st.sampled_from(("ada", "ada", "ada", "ben"))


class Vendor:
    """A token endpoint that knows what it gave to whom. ``rotates``: each refresh brings a new refresh token."""

    def __init__(self, wire: Wire, rotates: bool) -> None:
        self.rotates, self.number = rotates, 0
        self.good: dict[str, str] = {}
        self.failing = False
        wire.answer = self.answer

    def issue(self, account: str, kind: str) -> str:
        self.number += 1
        token = f"{kind}-{account}-{self.number}"
        if kind == "refresh":
            self.good[token] = account
        return token

    def revoke(self, account: str) -> None:
        self.good = {token: owner for token, owner in self.good.items() if owner != account}

    def token_set(self, account: str) -> TokenSet:
        access, refresh_token = self.issue(account, "access"), self.issue(account, "refresh")
        return TokenSet(access, timezone.now() + timedelta(hours=1), frozenset(), refresh_token)

    def answer(self, asked: Asked) -> Said:
        if self.failing:
            return said_json({"error": "temporarily_unavailable"}, 503)
        account = self.good.get(parse_qs(asked.body.decode())["refresh_token"][0])
        if account is None:
            return said_json({"error": "invalid_grant"}, 400)
        body: dict[str, Any] = {
            "access_token": self.issue(account, "access"),
            "expires_in": 3600,
            "token_type": "Bearer",
        }
        if self.rotates:
            body["refresh_token"] = self.issue(account, "refresh")
        return said_json(body)


class Interleavings(RuleBasedStateMachine):
    """Two accounts at one vendor."""

    provider = "google"

    def __init__(self) -> None:
        super().__init__()
        # Ending a connection writes into the ledger, so the ledger goes last and the keys of it with the rest.
        for rows in (UsageHour.objects, VaultSecret.objects, Connection.objects, LedgerEntry.objects):
            rows.all().delete()
        for others in (LedgerHead.objects, OAuthApp.objects, User.objects):
            others.all().delete()
        self.wire = Wire()
        self.vendor = Vendor(self.wire, rotates=self.provider == "microsoft")
        app = OAuthApp.objects.create(
            provider=self.provider,
            client_id="client",
            client_secret=Plain("secret"),
            endpoints={"token": f"{self.wire.base}/token"},
        )
        user = User.objects.create_user("ada@example.org", None)
        self.pks: dict[str, UUID] = {}
        self.valid: dict[str, bool] = {}
        # Renewals that have begun and not ended, as their processes see them.
        self.under_way: list[tuple[str, Grant, UUID]] = []
        self.answered: list[tuple[str, Grant, UUID, refresh.Outcome]] = []
        for account in ACCOUNTS:
            connection = Connection.objects.create(
                user=user, provider=self.provider, app=app, subject=account, email=f"{account}@example.com"
            )
            grants.replace(connection, self.vendor.token_set(account))
            ledger.record(connection, Happening.CONNECTED)
            self.pks[account], self.valid[account] = connection.pk, True

    def teardown(self) -> None:
        """At the end of each history: nobody has changed the ledger."""
        self.wire.close()
        assert ledger_check.check().findings == ()

    def connection(self, account: str) -> Connection:
        return Connection.objects.select_related("app").get(pk=self.pks[account])

    @rule(account=SOMEBODY, asks=st.booleans())
    def a_process_begins_to_renew(self, account: str, asks: bool) -> None:
        grant = Grant.objects.select_related("connection", "connection__app").get(pk=self.pks[account])
        lease = None if grant.connection.state == State.RECONNECT else refresh.claim(grant)
        if lease is None:
            return
        if asks:
            self.answered.append((account, grant, lease, refresh.ask(grant)))
        else:
            self.under_way.append((account, grant, lease))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def it_asks_the_provider(self, data: Any) -> None:
        turn = data.draw(st.integers(0, len(self.under_way) - 1))
        account, grant, lease = self.under_way.pop(turn)
        self.answered.append((account, grant, lease, refresh.ask(grant)))

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def it_writes_down_the_answer(self, data: Any) -> None:
        turn = data.draw(st.integers(0, len(self.answered) - 1))
        _, grant, lease, outcome = self.answered.pop(turn)
        refresh.settle(grant, lease, outcome)

    @precondition(lambda self: self.answered or self.under_way)
    @rule(data=st.data())
    def it_is_killed_before_it_can(self, data: Any) -> None:
        among = self.answered or self.under_way
        dead = among.pop(data.draw(st.integers(0, len(among) - 1)))
        Grant.objects.filter(pk=dead[1].pk, lease=dead[2]).update(lease_until=timezone.now() - timedelta(seconds=1))

    @rule(account=SOMEBODY)
    def a_lease_runs_out_while_its_holder_works(self, account: str) -> None:
        Grant.objects.filter(pk=self.pks[account]).update(lease_until=timezone.now() - timedelta(seconds=1))

    @rule(account=SOMEBODY, reconnects=st.booleans())
    def the_owner_revokes_at_the_provider(self, account: str, reconnects: bool) -> None:
        self.vendor.revoke(account)
        self.valid[account] = False
        for renewal in [one for one in self.under_way if one[0] == account]:
            # Somebody is asking at this very moment: the provider says no.
            self.under_way.remove(renewal)
            self.answered.append((*renewal, refresh.ask(renewal[1])))
        if reconnects:
            self.reconnect(account)

    @rule(account=SOMEBODY)
    def the_owner_reconnects(self, account: str) -> None:
        self.reconnect(account)

    def reconnect(self, account: str) -> None:
        connection = self.connection(account)
        Connection.objects.filter(pk=connection.pk).update(state=State.ACTIVE, state_reason="", state_code="")
        grants.replace(connection, self.vendor.token_set(account))
        ledger.record(connection, Happening.RECONNECTED)
        self.valid[account] = True

    @rule(account=SOMEBODY)
    def the_provider_has_trouble_for_a_moment(self, account: str) -> None:
        self.vendor.failing = True
        self.a_renewal(account)
        self.vendor.failing = False
        Grant.objects.update(retry_at=None, burst=0)

    def a_renewal(self, account: str) -> None:
        """From beginning to end, with nothing in between."""
        grant = Grant.objects.select_related("connection", "connection__app").get(pk=self.pks[account])
        lease = None if grant.connection.state == State.RECONNECT else refresh.claim(grant)
        if lease is not None:
            refresh.settle(grant, lease, refresh.ask(grant))

    @rule(account=SOMEBODY, late=st.booleans())
    def somebody_asks_for_a_token(self, account: str, late: bool) -> None:
        if Grant.objects.filter(pk=self.pks[account], lease_until__gt=timezone.now()).exists():
            return  # would wait for the one who renews
        if late:
            Grant.objects.filter(pk=self.pks[account]).update(access_expires_at=timezone.now(), burst=0)
        connection = self.connection(account)
        try:
            token = tokens.access_token(connection, purpose=tokens.Purpose.SYNC)
        except ReconnectRequired:
            assert not self.valid[account] or connection.state == State.RECONNECT
        except IntegrationError:
            assert self.vendor.failing or Grant.objects.get(pk=self.pks[account]).retry_at
        else:
            assert token.startswith(f"access-{account}-")

    @rule(account=SOMEBODY)
    def an_api_refuses_what_an_old_task_holds(self, account: str) -> None:
        stale = self.connection(account)
        stale.version_given = Grant.objects.get(pk=stale.pk).version - 1
        lifecycle.refused(stale, ReconnectRequired("refused", code="401"))

    @rule()
    def the_operator_rotates_the_keys(self) -> None:
        ring = keyring.keyset().added()
        keysource.write(ring.promoted(ring.ids[-1]))
        rotation.run()
        assert rotation.remaining() == 0
        for old in ring.ids[:-1]:
            if not rotation.uses().get(old):
                keysource.write(keyring.keyset().without(old))

    @invariant()
    def the_last_valid_grant_is_here_and_the_page_is_right(self) -> None:
        for account in ACCOUNTS:
            connection = self.connection(account)
            stored = open_sealed(Grant.objects.get(pk=connection.pk), "refresh_token")
            assert stored.split("-")[1] == account
            if self.valid[account]:
                assert stored in self.vendor.good, "the last valid grant is lost"
                assert connection.state == State.ACTIVE, "the page says that it ended"
            assert connection.state in (State.ACTIVE, State.RECONNECT)


class AtMicrosoft(Interleavings):
    provider = "microsoft"


@contextmanager
def own_ring(tmp_path: Any, django: Any) -> Iterator[None]:
    path = tmp_path / "keyset.json"
    keyring.create(path)
    django.OSMEN_KEYSET, django.OSMEN_KEYSET_FILE, django.OSMEN_KEYSET_PATH = "", "", path
    keyring.reload()
    yield
    keyring.reload()
