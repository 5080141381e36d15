"""Wrong use in the browser of somebody who is signed in: said kindly on a page, and nothing is lost or stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browsing import chromium
from tests.system.browsing import Surfer
from tests.system.running import GOOGLE, PASSWORD, System


@pytest.fixture(scope="module")
def ada(system: System) -> Iterator[Surfer]:
    with chromium() as browser:
        ada = Surfer(browser, system.address)
        ada.page.goto("/accounts/signup/")
        ada.page.get_by_label("Email").fill("ada@example.org")
        ada.page.get_by_label("Password").fill(PASSWORD)
        ada.page.get_by_role("button", name="Sign up", exact=True).click()
        expect(ada.page.get_by_role("button", name="Connect Google")).to_be_visible()
        yield ada


def nothing_stored(ada: Surfer) -> bool:
    return bool(ada.context.request.get("/api/status/").json()["connections"] == [])


def test_a_callback_with_a_forged_state(ada: Surfer) -> None:
    answer = ada.page.goto("/accounts/google/login/callback/?code=made-up&state=made-up")
    assert answer is not None and answer.status == 400
    expect(ada.page.get_by_text("does not belong to this browser")).to_be_visible()
    assert nothing_stored(ada)


def test_a_provider_that_is_out_of_reach_when_the_person_comes_back(system: System, ada: Surfer) -> None:
    """Every connection to it breaks, as where a network is gone."""
    ada.page.goto("/integrations/")
    ada.page.get_by_role("button", name="Connect Google").click()
    ada.page.get_by_role("button", name=GOOGLE).click()
    system.sandbox.drill("drop-connections", service="google-oauth", count=50)
    ada.page.get_by_role("button", name="Allow", exact=True).click()
    ada.page.wait_for_url(f"{system.address}/**", timeout=60_000)
    expect(ada.page.get_by_text("Nothing was stored")).to_be_visible(timeout=30_000)
    assert nothing_stored(ada)
    system.sandbox.drill("drop-connections", service="google-oauth", count=0)


def test_it_works_once_the_provider_is_back(system: System, ada: Surfer) -> None:
    ada.page.goto("/integrations/")
    ada.page.get_by_role("button", name="Connect Google").click()
    ada.page.get_by_role("button", name=GOOGLE).click()
    ada.page.get_by_role("button", name="Allow", exact=True).click()
    ada.page.wait_for_url(f"{system.address}/**")
    assert [c["account"] for c in ada.context.request.get("/api/status/").json()["connections"]] == [GOOGLE]
