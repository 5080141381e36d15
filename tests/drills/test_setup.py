"""Drills in the vendors' consoles, pressed in a browser: Setup says what is wrong and what to click there.

Each leaves OsMEN as well as it was.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from sandbox.misregistered import MISTAKES
from tests.drills.watching import ACCOUNT, Watcher
from tests.launcher.running import wait_for
from tests.system.test_journey import NAMES

pytestmark = pytest.mark.proofs

# What a check of a running OsMEN finds, and what to click there.
CLICKS = {
    "redirect-mismatch": "Paste http://localhost",
    "wrong-client-type": "Web",
    "expired-secret": "ecret",
    "wrong-audience": "Supported account types",
}


# Google gives a token for what is left; Microsoft wants the whole consent again.
TAKEN = {
    "google": ("Calendar is off: OsMEN may not", "Reconnect to allow it."),
    "microsoft": ("Microsoft stopped accepting our access", "Reconnect to continue."),
}
CONSOLES = {"google": "https://console.cloud.google.com/", "microsoft": "https://entra.microsoft.com/"}
APIS = {"gmail": ("mail", "gmail"), "calendar": ("calendar", "calendar-json"), "people": ("contacts", "people")}


def checks(watcher: Watcher, provider: str, wrong: str, click: str = "", at: str = "") -> None:
    """Press "Check this setup" and wait for the outcome: how many things are wrong, what to click, on which page."""
    page = watcher.page
    page.goto(f"{watcher.system.address}/setup/{provider}/")
    page.get_by_role("button", name="Check this setup").click()
    findings = page.locator("#findings")
    expect(findings.get_by_text(wrong)).to_be_visible(timeout=60_000)
    if click:
        finding = findings.get_by_role("listitem").filter(has_text=click).first
        expect(finding).to_be_visible()
        opens = finding.get_by_role("link", name="Open")
        expect(opens).to_have_attribute("href", re.compile(re.escape(CONSOLES[provider]) + ".*" + re.escape(at)))


@pytest.mark.parametrize(
    ("provider", "what"), [(provider, what) for provider, known in MISTAKES.items() for what in known if what in CLICKS]
)
def test_a_wrong_registration_is_named_with_what_to_click(watcher: Watcher, provider: str, what: str) -> None:
    watcher.presses("misregister-app", provider=provider, what=what)
    checks(watcher, provider, "1 thing to put right.", CLICKS[what])
    watcher.ends_faults()
    checks(watcher, provider, "Nothing is wrong.")
    watcher.sees_all_well()


def test_testing_mode_is_named_with_what_ends_it(watcher: Watcher) -> None:
    """It shows when an account is connected by such an app, and is gone with the next connection after it."""
    watcher.presses("misregister-app", provider="google", what="testing-mode")
    watcher.reconnects("google")
    checks(watcher, "google", "1 thing to put right.", "Publish app", "auth/audience")
    watcher.says("google", "gives seven days to apps in testing mode")
    watcher.ends_faults()
    watcher.reconnects("google")
    checks(watcher, "google", "Nothing is wrong.")
    watcher.says("google", "Working. Up to date")
    expect(watcher.card("google")).not_to_contain_text("testing mode")


@pytest.mark.parametrize("api", ["gmail", "calendar", "people"])
def test_an_api_that_is_off_is_named_and_others_go_on(watcher: Watcher, api: str) -> None:
    """Also what goes on is looked at: every other service of the account is synced meanwhile."""
    service, host = APIS[api]
    pressed = watcher.presses("disable-api", api=api)
    checks(watcher, "google", "1 thing to put right.", "Enable", f"{host}.googleapis.com")
    watcher.looks_now("google")

    def others_go_on() -> bool:
        others = [one for one in watcher.connection("google")["services"] if one["service"] != service]
        return all(not one["error"] and datetime.fromisoformat(one["fresh_at"]) > pressed for one in others)

    try:
        wait_for(others_go_on, 60, step=0.3)
    except AssertionError:
        raise AssertionError(f"since {pressed}: {watcher.connection('google')}") from None
    assert next(s for s in watcher.connection("google")["services"] if s["service"] == service)["error"]
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
