"""Events edited on the pages of a real browser, and read back at the sandbox; and what the calendar shows meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from calendars import actions
from calendars.models import Calendar, Event
from integrations.models import Change, Connection, OAuthApp
from integrations.models.change import ChangeState
from integrations.records import EventRecord, Service
from integrations.vault import tokens
from tests.browsing import SignedIn, Theme, violations
from tests.journey import engine
from tests.journey.conftest import ada, ben, sandbox
from tests.journey.person import ACCOUNTS, Person

__all__ = ["ada", "ben", "sandbox"]
BOTH = pytest.mark.parametrize("provider", ACCOUNTS)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ada: Person) -> Iterator[SignedIn]:
    """Opens Ada's pages, in Berlin. Whatever a page complains of in the console fails the test."""
    ada.user.time_zone = "Europe/Berlin"
    ada.user.save()
    with SignedIn(browser, live_server.url, ada.user) as pages:
        yield pages


def connected(person: Person, provider: str) -> Connection:
    return person.connected(provider, ACCOUNTS[provider], service=["calendar"])


def at_provider(connection: Connection, title: str) -> list[EventRecord]:
    """The events of that title in all calendars there."""
    client = connection.provider_spec.calendar(tokens.session(connection, tokens.Purpose.ASK, Service.CALENDAR))
    pages = (page for c in client.discover().collections for page in client.sync(c, None))
    found = {e.id: e for page in pages for e in page.changed if isinstance(e, EventRecord) and e.title == title}
    return list(found.values())


def settled() -> None:
    """Send what waits and let what it brought about arrive."""
    engine.push_all()
    engine.sync_everything()


def invited(person: Person, provider: str, title: str, **more: Any) -> None:
    """Somebody else invites Ada for tomorrow at noon."""
    start = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    event = {"provider": provider, "email": ACCOUNTS[provider], "uid": f"{title}@x", "title": title}
    event |= {"start": f"{start:%Y-%m-%dT%H:%M:%S}", "end": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"}
    guests = {"attendees": [{"email": ACCOUNTS[provider]}], "organizer": {"email": "host@else.example", "name": "H"}}
    person.sandbox.control("seed", events=[event | guests | more])


def fill(page: Page, title: str, day: datetime, hours: tuple[str, str] = ("09:00", "10:00"), **more: str) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.type(title)
    for name, hour in zip(("Starts", "Ends"), hours, strict=True):
        dialog.get_by_label(name, exact=True).fill(f"{day:%Y-%m-%d}")
        dialog.get_by_label(f"{name.removesuffix('s')} time").fill(hour)
    for label, text in more.items():
        dialog.get_by_label(label).fill(text)


def shown(page: Page, title: str) -> Locator:
    return page.locator(".fc-event").filter(has_text=title)


@BOTH
def test_made_by_keys_changed_and_deleted(ada: Person, opened: SignedIn, provider: str) -> None:
    connection, day = connected(ada, provider), timezone.now() + timedelta(days=1)
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    page.keyboard.press("n")
    fill(page, "Oak samples", day, Place="Workshop", Notes="Two oiled, two raw.")
    page.get_by_label("Place").press("Enter")
    expect(shown(page, "Oak samples")).to_contain_text("Being saved")
    expect(page.get_by_role("status")).to_contain_text("“Oak samples” is on its way")
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled()
    (there,) = at_provider(connection, "Oak samples")
    assert (there.location, there.description.strip()) == ("Workshop", "Two oiled, two raw.")
    assert there.start == datetime(day.year, day.month, day.day, 8, tzinfo=UTC) and there.time_zone == "Europe/Berlin"
    page.reload()
    expect(shown(page, "Oak samples")).not_to_contain_text("Being saved")
    shown(page, "Oak samples").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Edit").press("Enter")
    page.get_by_label("Title").fill("Oak and ash")
    page.get_by_label("All day").check()
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Oak and ash")).to_be_visible()
    settled()
    (there,) = at_provider(connection, "Oak and ash")
    assert there.all_day and str(there.start) == f"{day:%Y-%m-%d}"
    shown(page, "Oak and ash").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(shown(page, "Oak and ash")).to_have_count(0)
    settled()
    assert at_provider(connection, "Oak and ash") == []
    assert not Event.objects.filter(title="Oak and ash").exists()
    assert set(Change.objects.values_list("state", flat=True)) == {ChangeState.DONE}


def drag(page: Page, what: Locator, hours: float) -> None:
    """Drag the middle of something up or down the day."""
    quarter = page.locator(".fc-timegrid-slot-lane").first.bounding_box()
    box = what.bounding_box()
    assert box and quarter
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 4)
    page.mouse.move(x, y + hours * 4 * quarter["height"], steps=8)
    page.mouse.up()


@BOTH
def test_dragged_to_another_hour_made_longer_and_put_back(ada: Person, opened: SignedIn, provider: str) -> None:
    connection, day = connected(ada, provider), timezone.now() + timedelta(days=40)
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    page.keyboard.press("n")
    fill(page, "Dragged", day, ("10:00", "11:00"))
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Dragged")).to_be_visible()
    settled()
    page.reload()
    drag(page, shown(page, "Dragged"), 2)
    expect(page.get_by_role("status")).to_contain_text("12:00–13:00")
    shown(page, "Dragged").hover()
    drag(page, shown(page, "Dragged").locator(".fc-event-resizer-end"), 1)
    expect(page.get_by_role("status")).to_contain_text("12:00–14:00")
    settled()
    (there,) = at_provider(connection, "Dragged")
    hours = [t.astimezone(ada.user.zone).hour for t in (there.start, there.end) if isinstance(t, datetime)]
    assert hours == [12, 14]
    page.locator("[data-toast]").filter(has_text="12:00–14:00").get_by_role("button", name="Undo").click()
    expect(shown(page, "Dragged")).to_contain_text("12:00–13:00")
    settled()
    (there,) = at_provider(connection, "Dragged")
    assert isinstance(there.end, datetime) and there.end.astimezone(ada.user.zone).hour == 13


def test_empty_time_is_pointed_at_for_a_new_event(ada: Person, opened: SignedIn) -> None:
    connected(ada, "google")
    day = timezone.now() + timedelta(days=40)
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    slot = page.locator('.fc-timegrid-slot-lane[data-time="13:00:00"]').bounding_box()
    assert slot
    page.mouse.click(slot["x"] + 200, slot["y"] + 3)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Start time")).to_have_value("13:00")
    expect(dialog.get_by_label("End time")).to_have_value("14:00")
    dialog.get_by_role("button", name="Close").click()
    page.mouse.move(slot["x"] + 200, slot["y"] + 3)
    page.mouse.down()
    page.mouse.move(slot["x"] + 200, slot["y"] + slot["height"] * 10 + 3, steps=6)
    page.mouse.up()
    expect(dialog.get_by_label("End time")).to_have_value("15:45")
    page.keyboard.press("Escape")
    assert not Change.objects.exists()


@BOTH
def test_one_of_a_series_moves_and_another_is_deleted(ada: Person, opened: SignedIn, provider: str) -> None:
    connection, day = connected(ada, provider), timezone.now() + timedelta(days=30)
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    page.keyboard.press("n")
    fill(page, "Warm-up", day)
    page.get_by_label("Repeats").select_option("daily")
    page.get_by_label("Last day, if it ends").fill(f"{day + timedelta(days=3):%Y-%m-%d}")
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Warm-up")).to_be_visible()
    settled()
    page.goto(f"/calendar/?view=day&date={day + timedelta(days=1):%Y-%m-%d}")
    drag(page, shown(page, "Warm-up"), 3)
    page.get_by_role("dialog").get_by_role("button", name="Only this event").click()
    expect(shown(page, "Warm-up")).to_contain_text("12:00–13:00")
    page.goto(f"/calendar/?view=day&date={day + timedelta(days=2):%Y-%m-%d}")
    shown(page, "Warm-up").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete this event").click()
    expect(shown(page, "Warm-up")).to_have_count(0)
    settled()
    records = at_provider(connection, "Warm-up")
    (moved,) = [r for r in records if r.kind == "exception" and not r.cancelled]
    assert isinstance(moved.start, datetime) and moved.start.astimezone(ada.user.zone).hour == 12
    for days, count in enumerate((1, 1, 0, 1)):
        page.goto(f"/calendar/?view=day&date={day + timedelta(days=days):%Y-%m-%d}")
        expect(shown(page, "Warm-up")).to_have_count(count)
    assert set(Change.objects.values_list("state", flat=True)) == {ChangeState.DONE}


@BOTH
def test_an_invitation_is_answered(ada: Person, opened: SignedIn, provider: str) -> None:
    connection, day = connected(ada, provider), timezone.now() + timedelta(days=1)
    invited(ada, provider, "Dinner")
    engine.sync_everything()
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    shown(page, "Dinner").click()
    page.get_by_role("group", name="Are you coming?").get_by_role("button", name="Maybe").click()
    expect(page.get_by_role("status")).to_contain_text("Answered maybe: “Dinner”.")
    settled()
    (there,) = at_provider(connection, "Dinner")
    assert there.my_answer == "tentative"


@BOTH
def test_a_refusal_is_shown_and_either_side_can_be_kept(ada: Person, opened: SignedIn, provider: str) -> None:
    connection, day = connected(ada, provider), timezone.now() + timedelta(days=30)
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    page.keyboard.press("n")
    fill(page, "Contested", day)
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Contested")).to_be_visible()
    settled()
    event = Event.objects.get(title="Contested")
    change = Change.objects.create(
        connection=connection,
        service=Service.CALENDAR,
        operation="event.update",
        target_id=event.provider_id,
        collection_id=event.calendar.provider_id,
        payload={"fields": {"title": "Theirs"}, "was": {"title": "Contested"}},
    )
    session = tokens.session(connection, tokens.Purpose.ASK, Service.CALENDAR)
    connection.provider_spec.calendar(session).apply(change.record())
    change.delete()
    page.reload()
    shown(page, "Contested").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Mine")).to_be_visible()
    settled()
    page.reload()
    expect(shown(page, "Theirs")).to_contain_text("Not saved")
    shown(page, "Theirs").click()
    note = page.get_by_role("dialog").locator(".note.is-bad")
    expect(note).to_contain_text("while you changed it here")
    expect(note.get_by_role("row", name="Title Mine Theirs")).to_be_visible()
    note.get_by_role("button", name="Keep mine").click()
    expect(shown(page, "Mine")).to_contain_text("Being saved")
    settled()
    assert len(at_provider(connection, "Mine")) == 1


def test_while_the_provider_is_away_an_edit_is_kept_and_says_so(ada: Person, opened: SignedIn) -> None:
    connected(ada, "google")
    app, day = OAuthApp.objects.get(provider="google"), timezone.now() + timedelta(days=30)
    right = dict(app.endpoints)
    OAuthApp.objects.filter(pk=app.pk).update(endpoints={**right, "calendar": "http://127.0.0.1:9/"})
    page = opened(f"/calendar/?view=day&date={day:%Y-%m-%d}")
    page.keyboard.press("n")
    fill(page, "Kept", day)
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Kept")).to_be_visible()
    engine.push_all()
    shown(page, "Kept").click()
    expect(page.get_by_role("dialog")).to_contain_text("Your change is kept and not at Google yet.")
    OAuthApp.objects.filter(pk=app.pk).update(endpoints=right)
    Change.objects.update(due_at=timezone.now())
    settled()
    assert not Change.objects.exclude(state=ChangeState.DONE).exists()
    assert Calendar.objects.filter(events__title="Kept", events__ours=False).exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_in_forms(ada: Person, opened: SignedIn, width: int, theme: Theme) -> None:
    connected(ada, "google")
    day, calendar = timezone.now().replace(hour=12) + timedelta(days=300), Calendar.objects.get(primary=True)
    times = {"start": day.isoformat(), "end": (day + timedelta(hours=1)).isoformat()}
    actions.create(calendar, {"title": "On its way", **times}, notify=False)
    for view in ("month", "week"):
        page = opened(f"/calendar/?view={view}&date={day:%Y-%m-%d}", width, theme)
        shown(page, "On its way").wait_for()
        assert violations(page) == []
    page.get_by_role("link", name="New event").click()
    expect(page.get_by_role("dialog").get_by_label("Title")).to_be_focused()
    assert violations(page) == []
    page.goto("/calendar/new/")
    assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"/calendar/event/{Event.objects.filter(kind='master', calendar__writable=True)[0].pk}/edit/")
    assert violations(page) == []
