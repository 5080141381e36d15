"""Connecting accounts and looking after them from the command line, against the sandbox."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection as database

from integrations import disconnect
from integrations.connect import loopback
from integrations.errors import PermanentFailure
from integrations.models import Connection, Grant, OAuthApp
from integrations.models.connection import State
from integrations.models.ledger import Happening, LedgerEntry
from integrations.providers.http import Request, send
from integrations.vault import revocation
from integrations.vault.fields import open_sealed
from tests.commands.conftest import Run
from tests.journey.person import Person

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
ADDRESS = r"http://127\.0\.0\.1:\d+/\S+authorize\S*|http://127\.0\.0\.1:\d+/\S+/auth\S+"
ACCOUNTS = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def address(text: str) -> str:
    found = re.search(ADDRESS, text)
    assert found, text
    return found[0].rstrip('"')


@pytest.fixture
def google(ada: Person) -> Iterator[Connection]:
    yield ada.connected("google", GOOGLE)


class Waiting:
    """A command that waits for the answer to the address that it told, while a person consents there."""

    def __init__(self, *words: str) -> None:
        self.out, self.error, self.failed = io.StringIO(), io.StringIO(), ""
        self._thread = threading.Thread(target=self._run, args=words)
        self._thread.start()

    def _run(self, *words: str) -> None:
        try:
            call_command(*words, stdout=self.out, stderr=self.error)
        except CommandError as error:
            self.failed = str(error)
        database.close()

    def answered(self, person: Person, account: str) -> str:
        """Consent as ``account`` and follow the browser back to the listener; the redirect address."""
        told = ""
        while not (found := re.search(ADDRESS, told)):
            assert self._thread.is_alive(), self.failed
            time.sleep(0.02)
            told = self.out.getvalue() + self.error.getvalue()
        redirect = redirect_of(found[0])
        assert send(Request("GET", person.sandbox.walk(found[0], account, until=redirect))).ok
        self._thread.join(30)
        assert not self._thread.is_alive() and not self.failed, self.failed
        return redirect


@ACCOUNTS
def test_an_account_is_connected_by_a_loopback_listener(ada: Person, provider: str, account: str) -> None:
    waiting = Waiting("complete_oauth", "--provider", provider, "--timeout", "30")
    waiting.answered(ada, account)
    assert f"{account} is connected" in waiting.out.getvalue()
    assert Grant.objects.get(connection__email=account).refresh_token
    again = Waiting("connections", "reconnect", account, "--json")
    again.answered(ada, account)
    assert json.loads(again.out.getvalue())["account"] == account
    assert Connection.objects.get().email == account


def test_a_desktop_client_is_answered_at_any_port(ada: Person) -> None:
    client = {"provider": "google", "client_id": "sandbox-google", "kind": "desktop"}
    ada.sandbox.control("clients", **client)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waiting = Waiting("complete_oauth", "--provider", "google", "--port", str(port), "--timeout", "30")
    assert waiting.answered(ada, GOOGLE) == f"http://127.0.0.1:{port}/"


@ACCOUNTS
def test_a_client_that_must_be_pasted_to_says_so_before_anybody_waits(
    ada: Person, run: Run, provider: str, account: str
) -> None:
    ada.connects(provider, account)
    ada.sandbox.control("clients", provider=provider, client_id="web-only")
    OAuthApp.objects.filter(provider=provider, active=True).update(client_id="web-only")
    refused = run("complete_oauth", "--provider", provider, "--json")
    host = {"google": "127.0.0.1", "microsoft": "localhost"}[provider]
    assert refused.code == 1 and refused.out == ""
    assert f"would not answer at http://{host}:" in refused.error and "Use --paste" in refused.error
    assert "1. " in refused.error and "https://" in refused.error
    assert "Use --paste" in run("connections", "reconnect", account).error
    wrong = run("complete_oauth", "--provider", provider, "--print-address")
    assert wrong.code == 1 and "/login/callback/" in wrong.error and "Use --paste" not in wrong.error


def test_a_silent_connection_does_not_keep_the_answer_waiting(ada: Person) -> None:
    with loopback.listen("google")[0] as listener, socket.create_connection(("127.0.0.1", listener.port)):
        assert send(Request("GET", f"http://127.0.0.1:{listener.port}/favicon.ico")).status == 404
        assert send(Request("GET", f"http://127.0.0.1:{listener.port}/?state=s&code=c")).ok
        assert listener.wait(5) == "http://loopback/?state=s&code=c"
        with pytest.raises(PermanentFailure), loopback.listen("google", listener.port)[0]:
            raise AssertionError("the port is taken")


def test_waiting_ends(ada: Person, run: Run) -> None:
    assert "No answer came" in run("complete_oauth", "--provider", "google", "--timeout", "0.1").error


def redirect_of(url: str) -> str:
    """Where an authorize address wants its answer to go."""
    return parse_qs(urlsplit(url).query)["redirect_uri"][0]


@ACCOUNTS
def test_an_answer_can_be_given_later(ada: Person, run: Run, provider: str, account: str) -> None:
    assert run("complete_oauth", "--provider", provider, "--code", "x").code == 1
    begun = run("complete_oauth", "--provider", provider, "--print-address")
    landed = ada.sandbox.walk(address(begun.out), account)
    done = run("complete_oauth", "--provider", provider, "--user", "ada@example.org", "--code", landed, "--json")
    assert done.json["account"] == account and done.json["not_granted"] == []
    assert run("complete_oauth", "--provider", provider, "--code", landed).code == 1
    assert run("connections", "sync", account, "--wait").code == 0
    listed = run("connections", "list", "--json").json[0]
    there = next(a for a in ada.sandbox.state() if a["email"] == account)
    assert (listed["messages"], listed["events"]) == (there["messages"], there["events"])


def test_an_answer_to_another_attempt_is_refused(ada: Person, run: Run) -> None:
    begun = run("complete_oauth", "--provider", "google", "--print-address")
    landed = ada.sandbox.walk(address(begun.out), GOOGLE)
    refused = run("complete_oauth", "--provider", "google", "--code", re.sub(r"state=[^&]+", "state=other", landed))
    assert refused.code == 1 and "another attempt" in refused.error
    assert not Connection.objects.exists()


def test_an_answer_is_pasted_and_a_service_that_was_not_allowed_is_named(ada: Person, run: Run) -> None:
    begun = run("complete_oauth", "--provider", "google", "--print-address", "--services", "mail,calendar")
    assert "auth/contacts" not in begun.out
    landed = ada.sandbox.walk(address(begun.out), GOOGLE, without=("https://www.googleapis.com/auth/gmail.modify",))
    done = run("complete_oauth", "--provider", "google", "--code", landed)
    assert done.code == 0 and "Not allowed, and so off: mail" in done.out
    pasted = run("complete_oauth", "--provider", "google", "--paste", answers=("http://x/?code=1&state=2",))
    assert pasted.code == 1 and "another attempt" in pasted.error
    cancelled = run("complete_oauth", "--provider", "google", "--print-address")
    state = re.search(r"state=([^&\s]+)", cancelled.out)
    assert state
    ended = run("complete_oauth", "--provider", "google", "--code", f"http://x/?error=access_denied&state={state[1]}")
    assert ended.code == 1 and "cancelled" in ended.error


class Somebody:
    """Who types each answer when asked for it, having read what was said so far."""

    def __init__(self, said: io.StringIO, *answers: Callable[[str], str]) -> None:
        self._said, self._answers = said, iter(answers)

    def readline(self) -> str:
        return next(self._answers)(self._said.getvalue()) + "\n"

    def isatty(self) -> bool:
        return False


def typed(text: str) -> Callable[[str], str]:
    return lambda said: text


@pytest.mark.parametrize(("provider", "account", "wizard"), [("google", GOOGLE, True), ("microsoft", MICROSOFT, False)])
def test_a_wrong_paste_is_asked_for_again(
    ada: Person, provider: str, account: str, wizard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    leads = ("2", "no", ada.user.email, "paste") if wizard else ()
    wrong = ("", "http://localhost:8000/", "http://x/?code=1&state=2", "not-a-code")
    answers = [typed(text) for text in (*leads, *wrong)]

    def right(out: str) -> str:
        return ada.sandbox.walk(address(out), account)

    monkeypatch.setattr("sys.stdin", Somebody(said, *answers, right, typed("0")))
    if wizard:
        call_command("setup", stdout=said)
    else:
        call_command("complete_oauth", provider=provider, paste=True, stdout=said)
    out = said.getvalue()
    assert out.count("There is no code in this address") == 2 and "another attempt" in out and "Copy it again" in out
    assert f"{account} is connected" in out and Connection.objects.get().email == account


def test_without_an_app_nothing_can_be_connected(ada: Person, run: Run) -> None:
    OAuthApp.objects.update(active=False)
    assert run("complete_oauth", "--provider", "google", "--paste").code == 4
    assert run("integration_test").code == 4


def test_accounts_are_looked_after(google: Connection, run: Run) -> None:
    assert GOOGLE in run("connections", "list").out
    shown = run("connections", "show", GOOGLE)
    assert "mail: current" in shown.out and "gmail.modify" in shown.out
    assert run("connections", "show", GOOGLE, "--json").json["account"] == GOOGLE
    assert run("connections", "pause", GOOGLE, "--json").json["state"] == "paused"
    assert "resume" in run("connections", "show", GOOGLE).out
    assert run("connections", "resume", GOOGLE).code == 0
    assert run("connections", "sync", GOOGLE).code == 0
    assert run("connections", "show", "nobody").code == 2
    assert run("connections", "list", "--user", "nobody@example.org").code == 1


def test_an_account_goes_only_when_its_address_is_typed(google: Connection, run: Run) -> None:
    assert run("connections", "disconnect", GOOGLE, answers=("yes",)).code == 2
    assert Connection.objects.exists()
    gone = run("connections", "disconnect", GOOGLE, "--wait", answers=(GOOGLE,))
    assert gone.code == 0 and re.search(rf"Removing [\d,]+ items of {GOOGLE}", gone.out) and "is removed" in gone.out
    assert not Connection.objects.exists()
    assert "Nothing is connected" in run("connections", "list").out


def test_a_worker_may_remove_the_same_account_meanwhile(
    google: Connection, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = revocation.at_provider

    def beside_a_worker(connection: Connection, grant: Grant) -> None:
        monkeypatch.setattr(revocation, "at_provider", alone)
        disconnect.remove(str(connection.pk))
        alone(connection, grant)

    monkeypatch.setattr(revocation, "at_provider", beside_a_worker)
    assert run("connections", "disconnect", GOOGLE, "--yes", "--wait").code == 0
    assert not Connection.objects.exists()
    assert LedgerEntry.objects.filter(what=Happening.DISCONNECTED).count() == 1
    assert run("ledger", "verify").code == 0


def test_reconnecting_asks_for_the_same_account(google: Connection, ada: Person, run: Run) -> None:
    begun = run("connections", "reconnect", GOOGLE, "--paste", answers=("http://x/?code=1&state=2",))
    assert "login_hint=ada.moreau%40gmail.example" in begun.out and begun.code == 1


def test_freshness_has_an_exit_code(google: Connection, run: Run) -> None:
    once = run("sync", "status")
    assert once.code == 0 and "current" in once.out
    assert len(run("sync", "status", "--watch", "--every", "0", "--times", "2").out.split("Account")) == 3
    assert run("sync", "status", "--json").json[0]["services"]
    watched = run("sync", "status", "--json", "--watch", "--every", "0", "--times", "2").out.splitlines()
    assert [json.loads(line)[0]["account"] for line in watched] == [GOOGLE, GOOGLE]
    Connection.objects.update(state=State.RECONNECT, state_reason="It was ended.")
    ended = run("sync", "status")
    assert ended.code == 3 and "It was ended" in ended.out


def test_every_service_is_tried_and_troubles_are_said_in_words(google: Connection, ada: Person, run: Run) -> None:
    works = run("integration_test")
    assert works.code == 0 and "All 3 services work" in works.out
    revoke(google)
    fails = run("integration_test", "--json")
    assert fails.code == 3
    told: list[dict[str, Any]] = fails.json
    assert all(not one["works"] and one["remedy"] for one in told)


def revoke(connection: Connection) -> None:
    """Its owner takes the permission back at the provider."""
    token = open_sealed(connection.grant, "refresh_token")
    assert connection.provider_spec.oauth.revoke(connection.app.credentials(), token)
