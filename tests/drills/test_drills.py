"""Drills about accounts and grants, pressed in a browser: what OsMEN's pages say, and that it recovers by itself or
says what a person has to do.

The first few run always; all others are proofs. Each leaves OsMEN as well as it was.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from sandbox.control.catalogue import DRILLS
from tests.browsing import AXE, VIOLATIONS
from tests.drills.watching import ACCOUNT, Watcher
from tests.system.running import ACCOUNTS
from tests.system.test_journey import NAMES

OTHER = {"google": "microsoft", "microsoft": "google"}
MAIL = {"google": "gmail", "microsoft": "graph"}
KEYS = {"google": "/certs", "microsoft": "/keys"}
AGENDA = "/calendar/?view=agenda"
PARIS = ZoneInfo("Europe/Paris")
PROVIDER = pytest.mark.parametrize("provider", NAMES)


def test_the_page_keeps_the_rules_of_accessibility(watcher: Watcher) -> None:
    context = watcher.surfer.context.browser
    assert context is not None
    phone = context.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = phone.new_page()
    page.goto(f"{watcher.system.sandbox.base}/_sandbox/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(VIOLATIONS) == []
    phone.close()


@PROVIDER
def test_new_mail_is_shown(watcher: Watcher, provider: str) -> None:
    subject = f"A drill for {provider}"
    watcher.presses("add-mail", account=ACCOUNT[provider], subject=subject)
    watcher.sees("/inbox/", subject)


def kept(watcher: Watcher, provider: str) -> tuple[int, int, int]:
    """How many messages, events and contacts of an account are here."""
    connection = watcher.connection(provider)
    return connection["messages"], connection["events"], connection["contacts"]


def ends_and_comes_back(watcher: Watcher, provider: str, pressed: datetime, had: tuple[int, int, int]) -> None:
    """The card asks to reconnect, every page says so, what is here stays, the other account goes on."""
    stopped = f"{NAMES[provider]} stopped accepting our access"
    watcher.says(provider, stopped, "Reconnect to continue.", "Everything received until then is here.")
    assert kept(watcher, provider) == had
    watcher.page.goto(f"{watcher.system.address}/inbox/")
    expect(watcher.page.get_by_text(f"{stopped} to {dict(ACCOUNTS)[provider]}").first).to_be_visible()
    watcher.sees_well(OTHER[provider], pressed)
    watcher.reconnects(provider)


def test_a_revoked_grant_asks_to_reconnect_and_others_go_on(watcher: Watcher) -> None:
    had = kept(watcher, "google")
    pressed = watcher.presses("revoke-grant", account=ACCOUNT["google"])
    ends_and_comes_back(watcher, "google", pressed, had)


@pytest.mark.proofs
@PROVIDER
def test_an_invitation_comes_as_mail_and_as_an_event(watcher: Watcher, provider: str) -> None:
    subject = f"Tea for {provider}"
    watcher.presses("send-invitation", account=ACCOUNT[provider], subject=subject)
    watcher.sees("/inbox/", f"Invitation: {subject}")
    event = watcher.sees(AGENDA, subject).first
    event.get_by_role("link").click()
    expect(watcher.page.get_by_role("dialog").get_by_text("You have not answered")).to_be_visible()


@pytest.mark.proofs
@PROVIDER
def test_a_meeting_that_moves_is_shown_where_it_went(watcher: Watcher, provider: str) -> None:
    title, start = f"Moving for {provider}", soonest(watcher, provider, f"Moving for {provider}")
    watcher.sees(AGENDA, title)
    watcher.presses("move-meeting", account=ACCOUNT[provider], minutes="30")
    assert watcher.named == title
    before, after = (f"{at.astimezone(PARIS):%H:%M}" for at in (start, start + timedelta(minutes=30)))
    meeting = watcher.sees_if(AGENDA, lambda lines: after in "".join(lines.all_inner_texts()), title)
    expect(meeting).to_have_count(1)
    assert before not in meeting.inner_text()


def soonest(watcher: Watcher, provider: str, title: str) -> datetime:
    """A meeting of today that goes on, and that no other of the account's own comes before; when it begins."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    midnight = now.astimezone(PARIS).replace(hour=0, minute=0).astimezone(UTC)
    start, end = max(now - timedelta(hours=5), midnight), now + timedelta(hours=1)
    event = {"provider": provider, "email": dict(ACCOUNTS)[provider], "title": title, "time_zone": "UTC"}
    times = {name: f"{at:%Y-%m-%dT%H:%M:%S}" for name, at in (("start", start), ("end", end))}
    watcher.system.sandbox.control("seed", events=[event | times])
    return start


@pytest.mark.proofs
@PROVIDER
def test_a_star_and_a_read_mark_that_are_set_there_show_here(watcher: Watcher, provider: str) -> None:
    subject = f"To be marked at {provider}"
    watcher.presses("add-mail", account=ACCOUNT[provider], subject=subject)
    expect(watcher.sees("/inbox/", subject)).to_contain_text("Unread:")
    watcher.presses("change-at-provider", account=ACCOUNT[provider])
    assert watcher.named == subject
    marked = watcher.sees_if("/inbox/", lambda lines: "Starred" in lines.first.inner_text(), subject)
    expect(marked).not_to_contain_text("Unread:")


@pytest.mark.proofs
@PROVIDER
def test_what_is_deleted_there_goes_here(watcher: Watcher, provider: str) -> None:
    subject, title = f"To be deleted at {provider}", f"To be cancelled at {provider}"
    watcher.presses("add-mail", account=ACCOUNT[provider], subject=subject)
    soonest(watcher, provider, title)
    watcher.sees("/inbox/", subject)
    watcher.sees(AGENDA, title)
    watcher.presses("delete-at-provider", account=ACCOUNT[provider], what="message")
    assert watcher.named == subject
    watcher.presses("delete-at-provider", account=ACCOUNT[provider], what="meeting")
    assert watcher.named == title
    watcher.sees_if(AGENDA, lambda lines: not lines.count(), title)
    _, events, people = kept(watcher, provider)
    has_people(watcher, provider, people)
    watcher.presses("delete-at-provider", account=ACCOUNT[provider], what="contact")
    watcher.sees_if("/inbox/", lambda lines: not lines.count(), subject)
    has_people(watcher, provider, people - 1)
    assert kept(watcher, provider)[1:] == (events, people - 1)
    watcher.sees_all_well()  # here are as many as there


def has_people(watcher: Watcher, provider: str, count: int) -> None:
    """So many of the people that are shown are in an account's address book, which is read out after their names."""
    account = f", {dict(ACCOUNTS)[provider]}"

    def shown(lines: Locator) -> bool:
        return "".join(lines.all_text_contents()).count(account) == count

    watcher.sees_if("/people/", shown, account, role="link")


@pytest.mark.proofs
@PROVIDER
def test_an_own_edit_on_its_way_is_not_undone_by_a_change_there(watcher: Watcher, provider: str) -> None:
    """The owner stars here what cannot be sent yet, and stars and unstars it in another app meanwhile."""
    subject = f"To be starred here for {provider}"
    watcher.presses("add-mail", account=ACCOUNT[provider], subject=subject)
    watcher.sees("/inbox/", subject).get_by_role("link").first.click()
    watcher.system.sandbox.drill("server-errors", service=MAIL[provider], count=1000)
    watcher.page.get_by_role("button", name="Star (s)").first.click()
    expect(watcher.page.get_by_role("button", name="Remove star (s)").first).to_be_visible()
    for _ in range(2):
        pressed = watcher.presses("change-at-provider", account=ACCOUNT[provider])
        assert watcher.named == subject
    watcher.ends_faults()

    def starred_and_sent(lines: Locator) -> bool:
        expect(lines).to_contain_text("Starred")
        return not watcher.connection(provider)["changes"]["waiting"] and watcher.is_well(provider, pressed)

    watcher.sees_if("/inbox/", starred_and_sent, subject, 90)


@pytest.mark.proofs
def test_merged_contacts_are_one_person(watcher: Watcher) -> None:
    people = watcher.connection("google")["contacts"]
    has_people(watcher, "google", people)
    watcher.presses("merge-contacts", account=ACCOUNT["google"])
    assert " and " in watcher.named
    has_people(watcher, "google", people - 1)


@pytest.mark.proofs
def test_a_revoked_grant_at_microsoft(watcher: Watcher) -> None:
    had = kept(watcher, "microsoft")
    pressed = watcher.presses("revoke-grant", account=ACCOUNT["microsoft"])
    ends_and_comes_back(watcher, "microsoft", pressed, had)


@pytest.mark.proofs
@pytest.mark.parametrize(("provider", "by"), [("google", "user"), ("microsoft", "admin")])
def test_a_new_password_asks_to_reconnect(watcher: Watcher, provider: str, by: str) -> None:
    had = kept(watcher, provider)
    pressed = watcher.presses("change-password", account=ACCOUNT[provider], by=by)
    ends_and_comes_back(watcher, provider, pressed, had)


@pytest.mark.proofs
def test_a_persons_own_new_password_changes_nothing_at_microsoft(watcher: Watcher) -> None:
    pressed = watcher.presses("change-password", account=ACCOUNT["microsoft"], by="user")
    watcher.sees_all_well(pressed)


@pytest.mark.proofs
def test_a_grant_of_seven_days_says_so_and_ends(watcher: Watcher) -> None:
    app = {"provider": "google", "client_id": "sandbox-google"}
    watcher.system.sandbox.control("clients", **app, testing=True)
    watcher.reconnects("google")
    watcher.says("google", "gives seven days to apps in testing mode", "set the app to “In production”")
    had = kept(watcher, "google")
    pressed = watcher.presses("testing-expiry", account=ACCOUNT["google"])
    watcher.system.sandbox.control("clients", **app, testing=False)
    ends_and_comes_back(watcher, "google", pressed, had)


@pytest.mark.proofs
def test_expired_access_tokens_are_renewed_unseen(watcher: Watcher) -> None:
    """Once: every service's calls wait for the one that asks."""
    before = access_tokens(watcher)
    pressed = watcher.presses("expire-access-tokens")
    watcher.gets_mail("After the tokens expired")
    for provider in NAMES:
        watcher.says(provider, "Working.")
    watcher.sees_all_well(pressed)
    assert access_tokens(watcher) == {provider: number + 1 for provider, number in before.items()}
    expect(watcher.sees("/inbox/", "After the tokens expired")).to_have_count(2)


def access_tokens(watcher: Watcher) -> Counter[str]:
    """How many OsMEN has been given so far, by vendor; drills give themselves some."""
    issued = watcher.system.sandbox.tokens()
    mine = [one for one in issued if one["kind"] == "access" and not one["value"].startswith("drill.")]
    return Counter(one["provider"] for one in mine)


@pytest.mark.proofs
@PROVIDER
def test_new_signing_keys_are_fetched(watcher: Watcher, provider: str) -> None:
    watcher.presses("rotate-signing-keys", provider=provider)
    since = watcher.last_call()
    watcher.reconnects(provider)
    asked = [one["path"] for one in watcher.system.sandbox.calls(since)]
    assert any(path.endswith(KEYS[provider]) for path in asked)


@pytest.mark.proofs
@pytest.mark.parametrize("reason", ["admin_policy_enforced", "org_internal"])
def test_an_administrators_no_leaves_no_half_connection(watcher: Watcher, reason: str) -> None:
    pressed = watcher.presses("refuse-consent", reason=reason, count="1")
    page = watcher.page
    page.goto(f"{watcher.system.address}/integrations/")
    page.get_by_role("button", name="Connect Google").click()
    page.get_by_role("button", name="tomasz.zielinski@gmail.example", exact=True).click()
    expect(page.get_by_role("heading", name="Access blocked")).to_be_visible()
    expect(page.get_by_text(reason)).to_be_visible()
    page.goto(f"{watcher.system.address}/integrations/")
    expect(page.get_by_role("article")).to_have_count(2)
    watcher.sees_all_well(pressed)
    watcher.presses("end-faults")


@pytest.mark.proofs
def test_a_clock_that_went_on_renews_what_has_aged_and_says_what_died_of_age(watcher: Watcher) -> None:
    """The last of this module: the sandbox's clock stays ahead. An hour ends tokens, eight days end a testing grant."""
    pressed = watcher.presses("advance-clock", seconds="3700")
    watcher.gets_mail("An hour later")
    watcher.sees_all_well(pressed)
    watcher.sees("/inbox/", "An hour later")
    watcher.presses("misregister-app", provider="google", what="testing-mode")
    watcher.reconnects("google")
    watcher.ends_faults()
    had = kept(watcher, "google")
    pressed = watcher.presses("advance-clock", seconds=str(8 * 86_400))
    watcher.says("google", "Google stopped accepting our access", "Reconnect to continue.")
    assert kept(watcher, "google") == had
    watcher.sees_well("microsoft", pressed)
    watcher.reconnects("google")


@pytest.mark.proofs
def test_every_drill_is_held_in_a_browser_somewhere() -> None:
    tests = Path(__file__).resolve().parents[1].rglob("test_*.py")
    texts = [text for text in (path.read_text("utf-8") for path in tests) if "playwright" in text or "Watcher" in text]
    assert [name for name in DRILLS if not any(f'"{name}"' in text for text in texts)] == []
