"""Drills about services, pressed in a browser: what Integrations says meanwhile, and that OsMEN recovers by itself.

Each leaves OsMEN as well as it was.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.drills.watching import ACCOUNT, FAILING, Watcher
from tests.system.running import GOOGLE
from tests.system.test_journey import NAMES

pytestmark = pytest.mark.proofs

PROVIDER = pytest.mark.parametrize("provider", NAMES)
SERVICES = {"google": ("gmail", "calendar", "people"), "microsoft": ("graph",)}
SIGN_IN = {"google": "google-oauth", "microsoft": "microsoft-oauth"}
SLOW_DOWN = "{} asked us to slow down. It goes on at"
# How many calls fail: twice what is asked at once. All of Microsoft's is one service; a read without an answer is made
# twice.
COUNT = {"google": 2, "microsoft": 4}


def recovers(watcher: Watcher, subject: str) -> None:
    """Mail that comes meanwhile is shown once, and both accounts are well."""
    watcher.gets_mail(subject)
    expect(watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, subject)).to_have_count(2)
    watcher.sees_all_well()


@PROVIDER
def test_too_many_calls_are_waited_for(watcher: Watcher, provider: str) -> None:
    for service in SERVICES[provider]:
        watcher.presses("rate-limit", service=service, seconds="12")
    watcher.looks_now(provider)
    watcher.says(provider, SLOW_DOWN.format(NAMES[provider]), "Nothing is lost, and you need not do anything.")
    recovers(watcher, f"Waited for {provider}")


@PROVIDER
@pytest.mark.parametrize("name", ["server-errors", "drop-connections", "truncate-answers"])
def test_broken_answers_are_asked_for_again(watcher: Watcher, name: str, provider: str) -> None:
    for service in SERVICES[provider]:
        watcher.presses(name, service=service, count=str(COUNT[provider] * (1 + (name == "drop-connections"))))
    watcher.looks_now(provider)
    services = ("Mail: ", "Calendar: ", "Contacts: ") if provider == "google" else ()
    watcher.says(provider, FAILING, *services)
    recovers(watcher, f"After {name} at {provider}")


@PROVIDER
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("rate-limit", {"seconds": "8"}),
        ("server-errors", {"count": "1"}),
        ("drop-connections", {"count": "2"}),
        ("truncate-answers", {"count": "1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sign_in_service_in_trouble_ends_no_grant(
    watcher: Watcher, name: str, fields: dict[str, str], provider: str
) -> None:
    watcher.presses(name, service=SIGN_IN[provider], **fields)
    pressed = watcher.presses("expire-access-tokens", account=ACCOUNT[provider])
    watcher.looks_now(provider)
    watcher.says(provider, SLOW_DOWN.format(NAMES[provider]) if name == "rate-limit" else FAILING)
    watcher.sees_all_well(pressed)


@pytest.mark.parametrize("status", ["410", "404", "400"])
def test_expired_cursors_lead_to_a_full_sync(watcher: Watcher, status: str) -> None:
    pressed = watcher.presses("expire-cursors", graph_status=status)
    watcher.sees_all_well(pressed)
    recovers(watcher, f"After the cursors expired with {status}")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("unknown-properties", {"seconds": "12"}),
        ("pascal-case", {"seconds": "12"}),
        ("batch-refusals", {"count": "5"}),
        ("replay", {"count": "5"}),
    ],
)
def test_oddities_are_not_even_noticed(watcher: Watcher, name: str, fields: dict[str, str]) -> None:
    watcher.presses(name, **fields)
    recovers(watcher, f"During {name}")


def test_messages_that_vanish_are_skipped(watcher: Watcher) -> None:
    watcher.presses("vanish-messages", count="2")
    watcher.system.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="Here and gone", count=4)
    left = watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, "Here and gone")
    expect(left).to_have_count(2)
    watcher.sees_all_well()
    watcher.presses("end-faults")


@pytest.mark.parametrize(("name", "slowed"), [("latency", ("gmail", "graph")), ("slow-drip", ("calendar", "graph"))])
def test_slow_services_never_slow_a_page(watcher: Watcher, name: str, slowed: tuple[str, ...]) -> None:
    for service in slowed:
        pressed = watcher.presses(name, service=service, ms="3000")
    watcher.looks_now(*NAMES)
    for path in ("/inbox/", "/calendar/?view=week", "/integrations/"):
        began = time.monotonic()
        watcher.page.goto(watcher.system.address + path)
        assert time.monotonic() - began < 2.5, path
    watcher.sees_all_well(pressed)
    watcher.ends_faults()


def test_quotas_are_kept_to(watcher: Watcher) -> None:
    pressed = watcher.presses("quota-table", table="new")
    watcher.presses("expire-cursors")
    watcher.sees_all_well(pressed, seconds=180)
    watcher.ends_faults()
