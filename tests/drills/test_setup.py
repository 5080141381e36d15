"""Drills in the vendors' consoles, pressed in a browser: Setup says what is wrong and what to click there.

Each leaves OsMEN as well as it was.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sandbox.misregistered import MISTAKES
from tests.drills.watching import ACCOUNT, Watcher
from tests.system.test_journey import NAMES

pytestmark = pytest.mark.proofs

# What a check of a running OsMEN finds; an app in testing mode shows when an account is connected by it.
CLICKS = {
    "redirect-mismatch": "Paste http://localhost",
    "wrong-client-type": "Web",
    "expired-secret": "ecret",
    "wrong-audience": "Supported account types",
}


# Google gives a token for what is left; Microsoft wants the whole consent again.
TAKEN = {"google": ("Calendar is off", "Reconnect to allow it."), "microsoft": ("Reconnect to continue.",)}


def checks(watcher: Watcher, provider: str, wrong: str, click: str = "") -> None:
    """Press "Check this setup" and wait for the outcome: how many things are wrong, and what to click."""
    page = watcher.page
    page.goto(f"{watcher.system.address}/setup/{provider}/")
    page.get_by_role("button", name="Check this setup").click()
    findings = page.locator("#findings")
    expect(findings.get_by_text(wrong)).to_be_visible(timeout=60_000)
    if click:
        expect(findings.get_by_role("listitem").filter(has_text=click).first).to_be_visible()


@pytest.mark.parametrize(
    ("provider", "what"), [(provider, what) for provider, known in MISTAKES.items() for what in known if what in CLICKS]
)
def test_a_wrong_registration_is_named_with_what_to_click(watcher: Watcher, provider: str, what: str) -> None:
    watcher.presses("misregister-app", provider=provider, what=what)
    checks(watcher, provider, "1 thing to put right.", CLICKS[what])
    watcher.ends_faults()
    checks(watcher, provider, "Nothing is wrong.")
    watcher.sees_all_well()


@pytest.mark.parametrize("api", ["gmail", "calendar", "people"])
def test_an_api_that_is_off_is_named_and_others_go_on(watcher: Watcher, api: str) -> None:
    watcher.presses("disable-api", api=api)
    checks(watcher, "google", "1 thing to put right.", "Enable")
    watcher.presses("end-faults")
    checks(watcher, "google", "Nothing is wrong.")
    watcher.looks_now("google")
    watcher.sees_all_well()


@pytest.mark.parametrize("provider", NAMES)
def test_a_permission_that_is_taken_away_is_named_and_can_be_given_again(watcher: Watcher, provider: str) -> None:
    watcher.presses("take-permission", account=ACCOUNT[provider], service="calendar")
    watcher.presses("expire-access-tokens", account=ACCOUNT[provider])  # the next token says what is left
    watcher.looks_now(provider)
    watcher.says(provider, *TAKEN[provider])
    watcher.reconnects(provider)
