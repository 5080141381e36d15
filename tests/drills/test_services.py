"""Drills about services, pressed in a browser: what Integrations says meanwhile, and that OsMEN recovers by itself.

Each leaves OsMEN as well as it was. What goes wrong goes on until a page has said so, however slow the browser is.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from sandbox.faults import service_of
from tests.drills.watching import ACCOUNT, FAILING, Watcher
from tests.launcher.running import wait_for
from tests.system.running import ACCOUNTS
from tests.system.test_journey import NAMES

pytestmark = pytest.mark.proofs

PROVIDER = pytest.mark.parametrize("provider", NAMES)
OTHER = {"google": "microsoft", "microsoft": "google"}
SERVICES = {"google": ("gmail", "calendar", "people"), "microsoft": ("graph",)}
SIGN_IN = {"google": "google-oauth", "microsoft": "microsoft-oauth"}
SLOW_DOWN = "{} asked us to slow down. It goes on at"
HELD = 10.0  # seconds that calls are refused for, from each look at a page on
ENDLESS = "1000"  # calls that fail: more than are made until it is ended


class Refusing:
    """Refuses all calls to some services for a while, and again for a while whenever it is called."""

    def __init__(self, watcher: Watcher, *services: str) -> None:
        self.watcher, self.services = watcher, services
        self.until: list[tuple[float, float]] = []  # since when, and until when at least

    def __call__(self) -> None:
        now = time.time()
        for service in self.services:
            self.watcher.system.sandbox.drill("rate-limit", service=service, seconds=HELD)
        self.until.append((now, now + HELD))

    def told(self, at: float) -> float:
        """Until when somebody who was refused then was told to wait."""
        return max((end for since, end in self.until if since <= at), default=at)


def running(watcher: Watcher, provider: str) -> bool:
    """Whether anything of an account is being synced."""
    services = watcher.connection(provider)["services"]
    return any(collection["running"] for service in services for collection in service["collections"])


def refusals(watcher: Watcher, provider: str, service: str) -> list[float]:
    """When a service refused a call of an account because there were too many."""
    calls = watcher.calls(provider)
    return [one["at"] for one in calls if one["status"] == 429 and service_of(one["path"]) == service]


def recovers(watcher: Watcher, subject: str) -> None:
    """Mail that comes meanwhile is shown once, and both accounts are well."""
    watcher.gets_mail(subject)
    expect(watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, subject)).to_have_count(2)
    watcher.sees_all_well()


@PROVIDER
def test_too_many_calls_are_waited_for(watcher: Watcher, provider: str) -> None:
    # Of Google's APIs only Gmail says how long to wait, so it refuses before the others do.
    told, *others = SERVICES[provider]
    refuse = Refusing(watcher, told)
    watcher.presses("rate-limit", service=told, seconds=str(HELD))
    watcher.looks_now(provider)

    def refuses() -> list[float]:
        refuse()
        return refusals(watcher, provider, told)

    wait_for(refuses, 60, step=1)
    for service in others:
        watcher.presses("rate-limit", service=service, seconds=str(HELD))
    slow_down = SLOW_DOWN.format(NAMES[provider])
    watcher.says(provider, slow_down, "Nothing is lost, and you need not do anything.", meanwhile=refuse)
    wait_for(lambda: not running(watcher, provider), 30)
    since = watcher.last_call()
    until = refuse.told(refusals(watcher, provider, told)[-1])

    # The other account goes on, however long this one waits.
    subject = f"While {provider} waits"
    watcher.system.sandbox.drill("add-mail", **account(OTHER[provider]), subject=subject)

    def arrives_meanwhile(lines: Locator) -> bool:
        refuse()
        return lines.count() == 1

    watcher.sees_if("/inbox/", arrives_meanwhile, subject)
    recovers(watcher, f"Waited for {provider}")
    asked = [one["at"] for one in watcher.calls(provider, since) if service_of(one["path"]) == told]
    assert min(asked) > until - 0.5


def account(provider: str) -> dict[str, str]:
    return {"provider": provider, "email": dict(ACCOUNTS)[provider]}


@PROVIDER
@pytest.mark.parametrize("name", ["server-errors", "drop-connections", "truncate-answers"])
def test_broken_answers_are_asked_for_again(watcher: Watcher, name: str, provider: str) -> None:
    for service in SERVICES[provider]:
        watcher.presses(name, service=service, count=ENDLESS)
    watcher.looks_now(provider)
    services = ("Mail, calendar and contacts: ",) if provider == "google" else ()
    watcher.says(provider, FAILING, *services)
    subject = f"During {name} at {provider}"
    watcher.gets_mail(subject)
    watcher.ends_faults()
    expect(watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, subject)).to_have_count(2)
    watcher.sees_all_well()


def test_what_does_not_work_is_tried_later_and_later(watcher: Watcher) -> None:
    """Left alone, the first time after five seconds at the earliest, then after ten."""
    since = watcher.last_call()
    watcher.presses("server-errors", service="people", count=ENDLESS)

    def attempts() -> list[float]:
        """When contacts were refused, apart from being asked whether there is news."""
        asked = [one for one in watcher.calls("google", since) if one["path"] == "/v1/people/me/connections"]
        return [one["at"] for one in asked if one["status"] == 503 and not one["inside"]]

    wait_for(lambda: len(attempts()) >= 3, 90, step=0.5)
    first, second, third = attempts()[:3]
    assert second - first >= 5 and third - second >= 10
    watcher.says("google", FAILING, "Contacts: ")
    watcher.ends_faults()
    watcher.looks_now("google")
    watcher.sees_all_well()


@PROVIDER
@pytest.mark.parametrize("name", ["rate-limit", "server-errors", "drop-connections", "truncate-answers"])
def test_a_sign_in_service_in_trouble_ends_no_grant(watcher: Watcher, name: str, provider: str) -> None:
    slow_down = name == "rate-limit"
    much = {"seconds": str(HELD)} if slow_down else {"count": ENDLESS}
    watcher.presses(name, service=SIGN_IN[provider], **much)
    pressed = watcher.presses("expire-access-tokens", account=ACCOUNT[provider])
    watcher.looks_now(provider)
    refuse = Refusing(watcher, SIGN_IN[provider]) if slow_down else None
    watcher.says(provider, SLOW_DOWN.format(NAMES[provider]) if slow_down else FAILING, meanwhile=refuse)
    if not slow_down:
        watcher.ends_faults()
    watcher.sees_all_well(pressed)


@pytest.mark.parametrize("status", ["410", "404", "400"])
def test_expired_cursors_lead_to_a_full_sync(watcher: Watcher, status: str) -> None:
    """Also what was deleted at the provider goes, of which no cursor will tell."""
    subject = f"Gone before {status}"
    watcher.gets_mail(subject)
    watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, subject)
    for provider in NAMES:
        assert watcher.system.sandbox.drill("delete-at-provider", **account(provider))["what"] == subject
    pressed = watcher.presses("expire-cursors", graph_status=status)
    watcher.sees_if("/inbox/", lambda lines: not lines.count(), subject)
    watcher.sees_all_well(pressed)  # with as many as there are, so with nothing twice


def test_messages_that_vanish_are_skipped(watcher: Watcher) -> None:
    watcher.presses("vanish-messages", count="2")
    watcher.system.sandbox.drill("add-mail", **account("google"), subject="Here and gone", count=4)
    left = watcher.sees_if("/inbox/", lambda lines: lines.count() == 2, "Here and gone")
    expect(left).to_have_count(2)
    watcher.sees_all_well()
    watcher.presses("end-faults")


@pytest.mark.parametrize(("name", "provider"), [("latency", "google"), ("slow-drip", "microsoft")])
def test_slow_services_never_slow_a_page_or_another_account(watcher: Watcher, name: str, provider: str) -> None:
    """A page that waited for one answer would need longer than any page may."""
    for service in SERVICES[provider]:
        pressed = watcher.presses(name, service=service, ms="6000")
    watcher.looks_now(provider)
    for path in ("/inbox/", "/calendar/?view=week", "/integrations/"):
        began = time.monotonic()
        watcher.page.goto(watcher.system.address + path)
        assert time.monotonic() - began < 5.5, path
    watcher.sees_well(OTHER[provider], datetime.now(UTC))
    subject = f"In spite of {name}"
    watcher.system.sandbox.drill("add-mail", **account(provider), subject=subject)
    watcher.sees("/inbox/", subject)
    watcher.ends_faults()
    watcher.sees_all_well(pressed)


@pytest.mark.parametrize("table", ["old", "new"])
def test_quotas_are_kept_to(watcher: Watcher, table: str) -> None:
    since = watcher.last_call()
    pressed = watcher.presses("quota-table", table=table)
    expect(watcher.page.get_by_text(f"quotas: the {table} table counts")).to_be_visible()
    watcher.presses("expire-cursors")
    watcher.sees_all_well(pressed, seconds=180)
    calls: list[dict[str, Any]] = [one for provider in NAMES for one in watcher.calls(provider, since)]
    refused = [one for one in calls if one["status"] in (403, 429)]
    assert len(refused) < len(calls) / 20, refused
    watcher.ends_faults()
