"""The inbox in a browser: keys, live changes, the frame of an HTML mail, and what axe has to say in both themes."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Service
from mail.models import Thread
from tests.browsing import SignedIn, Theme, violations
from tests.mail.conftest import Account, message


def test_open_read_archive_and_undo_by_keys(opened: SignedIn) -> None:
    page = opened("/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.get_by_role("heading", name="Model review moved to Wednesday").wait_for()
    page.locator("#threads .thread.is-open:not(.is-unread)").wait_for()
    thread = Thread.objects.get(provider_id="gt1")
    assert page.url.endswith(f"/inbox/{thread.pk}/") and thread.unread_count == 0
    page.keyboard.press("e")
    page.get_by_text("“Model review moved to Wednesday” archived").wait_for()
    assert page.url.endswith("/inbox/")
    assert not Thread.objects.get(pk=thread.pk).in_inbox
    page.keyboard.press("z")
    page.locator("#threads").get_by_text("Model review moved to Wednesday").wait_for()
    assert Thread.objects.get(pk=thread.pk).in_inbox
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keyboard").get_by_text("Next conversation").is_visible()


def test_a_late_answer_leaves_the_next_conversation_alone(opened: SignedIn) -> None:
    page = opened("/inbox/")
    late: list[Route] = []
    page.route("**/inbox/do/**", lambda route: late.append(route))
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.get_by_role("heading", name="Model review moved to Wednesday").wait_for()
    first = page.locator("#conversation").get_attribute("data-thread")
    page.keyboard.press("j")
    page.locator(f"#conversation:not([data-thread='{first}'])").wait_for()
    late[0].continue_()
    page.locator("#threads .thread:not(.is-unread)").filter(has_text="Model review moved to Wednesday").wait_for()
    second = page.locator("#conversation").get_attribute("data-thread")
    assert page.locator("#conv-bar [name=t]").input_value() == second != first


def test_an_answer_to_a_note_that_was_replaced_meanwhile_is_taken(opened: SignedIn, gmail: Account) -> None:
    thread = Thread.objects.get(provider_id="gt1")
    Change.objects.create(
        connection=gmail.connection,
        service=Service.MAIL,
        operation="mail.modify",
        target_id=thread.messages.latest("date").provider_id,
        payload={"starred": True},
        state=ChangeState.REFUSED,
    )
    page = opened("/inbox/")
    late: list[Route] = []
    page.route(re.compile("/inbox/(do|change)/"), lambda route: late.append(route))
    page.locator(f"#t{thread.pk}").click()
    note = page.locator("#conv-notes .note.is-bad")
    note.get_by_role("button", name="Discard").click()
    expect(page.locator("#threads .thread.is-open.is-unread")).to_have_count(1)
    assert [route.request.url.split("/")[4] for route in late] == ["do", "change"]
    late[0].continue_()  # opening it marks it as read, and the answer brings new notes
    expect(page.locator("#threads .thread.is-open.is-unread")).to_have_count(0)
    late[1].continue_()
    expect(note).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Discarded")


def test_several_at_once_by_shift_click(opened: SignedIn) -> None:
    page = opened("/inbox/")
    boxes = page.locator("#threads .thread")
    for number, modifiers in ((0, []), (2, ["Shift"])):
        boxes.nth(number).hover()
        boxes.nth(number).locator(".check").click(modifiers=modifiers)  # type: ignore[arg-type]
    page.get_by_role("toolbar", name="Selected conversations").get_by_role("button", name="Archive").click()
    page.get_by_text("3 conversations archived").wait_for()
    assert Thread.objects.filter(archived=True).count() == 3


def test_new_mail_appears_by_itself_and_a_selection_stays(opened: SignedIn, gmail: Account) -> None:
    page = opened("/inbox/")
    page.evaluate("htmx.config.defaultSettleDelay = 60000")  # nothing is left to be mended once a list has settled
    page.locator("#threads .thread").nth(1).hover()
    page.locator("#threads .check").nth(1).check()
    gmail.sync(message(9, date=timezone.now(), subject="Just in", unread=True))
    page.evaluate("document.getElementById('refresh').dispatchEvent(new Event('refresh'))")
    page.locator("#threads").get_by_text("Just in").wait_for()
    assert page.locator("#threads .check:checked").count() == 1
    assert page.locator("#threads .thread").nth(2).locator(".check").is_checked()
    page.keyboard.press("Space")  # the focus is where it was
    assert page.locator("#threads .check:checked").count() == 0


def test_a_selection_goes_on_from_where_it_was_before_new_mail_came(opened: SignedIn, gmail: Account) -> None:
    page = opened("/inbox/")
    page.locator("#threads .thread").nth(0).hover()
    page.locator("#threads .check").nth(0).check()
    gmail.sync(message(9, date=timezone.now(), subject="Just in", unread=True))
    page.evaluate("document.getElementById('refresh').dispatchEvent(new Event('refresh'))")
    page.locator("#threads").get_by_text("Just in").wait_for()
    page.locator("#threads .thread").nth(3).hover()
    page.locator("#threads .check").nth(3).click(modifiers=["Shift"])
    assert page.locator("#threads .check:checked").count() == 3


def test_reading_a_conversation_leaves_the_selection(opened: SignedIn) -> None:
    page = opened("/inbox/")
    unread = page.locator("#threads .thread.is-unread")
    subject = unread.first.locator(".thread-subj").inner_text()
    page.locator("#threads .thread:not(.is-unread)").first.hover()
    page.locator("#threads .thread:not(.is-unread) .check").first.check()
    unread.first.get_by_role("link").click()
    page.locator("#threads .thread.is-open:not(.is-unread)").filter(has_text=subject).wait_for()
    assert page.locator("#threads .check:checked").count() == 1


def test_html_mail_stands_at_full_height_and_its_images_wait(opened: SignedIn) -> None:
    page = opened(f"/inbox/{Thread.objects.get(provider_id='gt5').pk}/")
    body = page.frame_locator("iframe.body-frame")
    body.get_by_text("1 remote image not loaded").wait_for()
    page.wait_for_function("document.querySelector('iframe.body-frame').style.height !== ''")
    frame = page.locator("iframe.body-frame")
    assert frame.evaluate("f => f.contentDocument.documentElement.scrollHeight <= f.clientHeight + 1")
    assert frame.evaluate("f => f.contentDocument.querySelectorAll('script').length") == 0


def test_a_phone_shows_one_pane_and_back_leads_to_the_list(opened: SignedIn) -> None:
    page = opened("/inbox/", width=390)
    page.get_by_role("link", name="Tomasz Wilk").click()
    page.get_by_role("heading", name="Timber supplier quotes").wait_for()
    assert not page.locator("#threads").is_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.locator("#threads").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_axe_finds_nothing(opened: SignedIn, width: int, theme: Theme) -> None:
    for path in ("/inbox/", "/inbox/?box=trash", f"/inbox/{Thread.objects.get(provider_id='gt1').pk}/"):
        page = opened(path, width, theme)
        page.wait_for_timeout(300)
        assert violations(page) == []
