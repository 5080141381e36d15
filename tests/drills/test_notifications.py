"""Drills about notifications, on channels that OsMEN opened: at once, never the only way, believed with proof only.

OsMEN asks by itself every forty seconds where a provider tells of changes, so that what is here well before was told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.drills.conftest import watching
from tests.drills.watching import ACCOUNT, Watcher
from tests.launcher.running import free_ports, wait_for
from tests.system.running import ACCOUNTS, GOOGLE, System
from tests.system.test_journey import NAMES

pytestmark = pytest.mark.proofs

TOPIC, PUSHER = "projects/drills/topics/mail", "pusher@drills.iam.gserviceaccount.com"
# What OsMEN does about a subscription's fate: renew it, which reauthorises it too; make another; look what it missed.
ANSWERS = {
    "reauthorizationRequired": ("PATCH", "/v1.0/subscriptions/", 200),
    "subscriptionRemoved": ("POST", "/v1.0/subscriptions", 201),
    "missed": ("GET", "delta", 200),
}


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory, services: dict[str, str]) -> Iterator[Watcher]:
    """An OsMEN that the providers can reach, with a topic for Gmail."""
    port = free_ports()
    own = {
        "OSMEN_PUSH_URL": f"http://127.0.0.1:{port}",
        "OSMEN_PUSH_POLL_SECONDS": "40",
        "OSMEN_GMAIL_TOPIC": TOPIC,
        "OSMEN_PUBSUB_ACCOUNT": PUSHER,
    }
    address = f"http://127.0.0.1:{port}/push/google/"

    def subscribe(system: System) -> None:
        """A channel of Gmail's cannot be opened before its topic is there, and is tried again a minute later."""
        subscription = {"topic": TOPIC, "subscription": "projects/drills/subscriptions/mail"}
        system.sandbox.control(
            "pubsub", **subscription, push_endpoint=address, audience=address, service_account=PUSHER
        )

    with watching(tmp_path_factory.mktemp("told") / "home", services | own, port, subscribe) as watcher:
        for provider in NAMES:
            wait_for(partial(rests, watcher, provider), 90, step=0.5)
        yield watcher


def inbox(watcher: Watcher, provider: str) -> dict[str, str]:
    """The collection that new mail comes into."""
    services = watcher.connection(provider)["services"]
    collections = next(one for one in services if one["service"] == "mail")["collections"]
    found: dict[str, str] = (
        collections[0] if provider == "google" else next(c for c in collections if c["name"] == "Inbox")
    )
    return found


def due(watcher: Watcher, provider: str) -> datetime:
    """When OsMEN asks about new mail by itself."""
    return datetime.fromisoformat(inbox(watcher, provider)["due_at"])


def rests(watcher: Watcher, provider: str) -> bool:
    """Whether new mail would be asked for in half a minute at the earliest: a channel is open, and nothing goes on."""
    return due(watcher, provider) > datetime.now(UTC) + timedelta(seconds=30)


def is_told(watcher: Watcher, subject: str, *providers: str) -> None:
    """Mail that comes now is shown long before it would be asked for; in one account after the other."""
    for number, provider in enumerate(providers, 1):
        wait_for(partial(rests, watcher, provider), 90, step=0.3)
        asked = due(watcher, provider)
        watcher.system.sandbox.drill("add-mail", provider=provider, email=dict(ACCOUNTS)[provider], subject=subject)
        arrives(watcher, subject, number)
        assert datetime.now(UTC) < asked


def arrives(watcher: Watcher, subject: str, count: int) -> None:
    expect(watcher.sees_if("/inbox/", lambda lines: lines.count() == count, subject, 90)).to_have_count(count)


def test_what_is_told_is_here_at_once(watcher: Watcher) -> None:
    is_told(watcher, "Told at once", *NAMES)


def test_lost_notifications_cost_no_more_than_time(watcher: Watcher) -> None:
    for provider in reversed(NAMES):
        wait_for(partial(rests, watcher, provider), 90, step=0.3)
    watcher.presses("push-drop", count="50")
    # Whoever does not want to wait presses Sync now.
    asked = due(watcher, "google")
    watcher.system.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="Asked for")
    watcher.looks_now("google")
    arrives(watcher, "Asked for", 1)
    assert datetime.now(UTC) < asked

    asked = min(due(watcher, provider) for provider in NAMES)
    watcher.gets_mail("Told to nobody")
    arrives(watcher, "Told to nobody", 2)
    assert datetime.now(UTC) > asked
    watcher.ends_faults()
    is_told(watcher, "Told again", *NAMES)


def test_doubled_notifications_show_nothing_twice(watcher: Watcher) -> None:
    watcher.presses("push-duplicate", count="20")
    is_told(watcher, "Told twice", *NAMES)
    watcher.ends_faults()
    # What is not answered well stays in the sandbox's queue, and is told again for hours.
    memory = watcher.system.home / "sandbox" / "sandbox.sqlite3"
    with closing(sqlite3.connect(f"{memory.as_uri()}?mode=ro", uri=True)) as db:
        wait_for(lambda: db.execute("SELECT count(*) FROM push").fetchone() == (0,), 20)
    watcher.sees_all_well()
    arrives(watcher, "Told twice", 2)


def test_late_notifications_are_believed(watcher: Watcher) -> None:
    pressed = watcher.presses("push-delay", ms="6000")
    is_told(watcher, "Told late", *NAMES)
    assert datetime.now(UTC) > pressed + timedelta(seconds=6)
    watcher.ends_faults()


@pytest.mark.parametrize(
    ("provider", "wrong"),
    [("google", "audience"), ("google", "email"), ("google", "expired"), ("google", "key"), ("microsoft", "audience")],
)
def test_forged_notifications_are_refused_and_logged(watcher: Watcher, provider: str, wrong: str) -> None:
    wait_for(partial(rests, watcher, provider), 90, step=0.3)
    before, log = inbox(watcher, provider)["succeeded_at"], watcher.system.home / "logs" / "web.log"
    read = log.stat().st_size
    watcher.presses("forge-push", account=ACCOUNT[provider], wrong=wrong)
    warning = f"Somebody told of changes at {provider} without"
    wait_for(lambda: warning in log.read_text("utf-8")[read:], 20)
    assert "not-the-" not in log.read_text("utf-8")[read:]
    assert inbox(watcher, provider)["succeeded_at"] == before
    watcher.says(provider, "Working.")


@pytest.mark.parametrize("event", ANSWERS)
def test_a_subscriptions_fate_is_followed(watcher: Watcher, event: str) -> None:
    wait_for(partial(rests, watcher, "microsoft"), 90, step=0.3)
    before, asked = inbox(watcher, "microsoft")["succeeded_at"], due(watcher, "microsoft")
    since = watcher.last_call()
    watcher.presses("lifecycle-event", account=ACCOUNT["microsoft"], event=event)
    wait_for(lambda: inbox(watcher, "microsoft")["succeeded_at"] != before, 25, step=0.3)
    assert datetime.now(UTC) < asked
    verb, path, status = ANSWERS[event]

    def answered() -> bool:
        calls = watcher.calls("microsoft", since)
        return any((one["verb"], one["status"]) == (verb, status) and path in one["path"] for one in calls)

    wait_for(answered, 60, step=0.5)
    is_told(watcher, f"After {event}", "microsoft")


def test_channels_outlive_a_revoked_grant(watcher: Watcher) -> None:
    """A new grant opens them anew."""
    watcher.presses("revoke-grant", account=ACCOUNT["google"])
    watcher.says("google", "Google stopped accepting our access")
    watcher.reconnects("google")
    is_told(watcher, "Told to the new grant", "google")
    assert watcher.connection("google")["account"] == GOOGLE
