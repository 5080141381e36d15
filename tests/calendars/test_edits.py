"""What a reader's edits of events show here at once, what they put in the outbox, and how they are taken off again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from calendars import actions
from calendars.entries import at
from calendars.models import Calendar, Event
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Answer, AttendeeRecord
from tests.calendars.conftest import MONDAY, Account, event, series, starts
from tests.calendars.editing import a_series, form, refuse, row

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
BOTH = pytest.mark.parametrize("provider", ["google", "microsoft"])


@pytest.fixture
def account(request: pytest.FixtureRequest) -> Account:
    found: Account = request.getfixturevalue(request.node.callspec.params["provider"])
    return found


@BOTH
def test_a_new_event_stands_at_once_and_is_marked(ada: User, page: Client, account: Account, provider: str) -> None:
    sent = {"title": "Tea", "start_day": "2026-12-01", "start_time": "16:00", "end_day": "2026-12-01"}
    sent |= {"end_time": "17:30", "zone": "Asia/Seoul", "repeat": "weekly", "until": "2026-12-20", "place": "Kitchen"}
    sent |= {"calendar": str(account.calendar.pk), "guests": "bo@x.example cy@x.example", "tell": "1"}
    answer = page.post("/calendar/new/", sent)
    assert answer["Location"] == "/calendar/?date=2026-12-01"
    made = row("Tea")
    assert (made.starts_at, made.time_zone) == (datetime(2026, 12, 1, 7, tzinfo=UTC), "Asia/Seoul")
    assert len(starts(ada, datetime(2026, 11, 30, tzinfo=UTC))) == 3
    change = Change.objects.get()
    assert (change.operation, change.target_id, change.collection_id) == ("event.create", made.provider_id, "main")
    assert change.payload["fields"]["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261220T145959Z"]
    assert change.payload["fields"]["attendees"] == ["bo@x.example", "cy@x.example"] and change.payload["notify"]
    (first, *_) = page.get("/calendar/events/?start=2026-12-01&end=2026-12-02").json()
    assert first["note"] == "Being saved" and "is-sending" in first["classNames"]
    assert "on its way to" in page.get(f"/calendar/event/{made.pk}/").content.decode()


def test_the_provider_gives_a_new_event_its_id_and_later_edits_follow(ada: User, microsoft: Account) -> None:
    made = actions.create(microsoft.calendar, {"title": "Tea", "start": "2026-12-01", "end": "2026-12-02"}, notify=True)
    temporary = made.provider_id
    assert actions.update(made, {"title": "Late tea"}, {"title": "Tea"}, instance=None, notify=True)
    Change.objects.filter(operation="event.create").update(state=ChangeState.DONE)
    record = event("AAMk=", MONDAY, title="Tea", former_ids=frozenset({temporary}))
    with transaction.atomic():
        microsoft.store.confirm(microsoft.connection, [record])
        waiting = Change.objects.filter(state=ChangeState.WAITING)
        microsoft.store.overlay(microsoft.connection, list(waiting))
    kept = Event.objects.get()
    assert (kept.pk, kept.provider_id, kept.title, kept.ours) == (made.pk, "AAMk=", "Late tea", False)
    assert Change.objects.get(operation="event.update").target_id == "AAMk="


def test_a_walk_leaves_what_is_not_at_the_provider_yet(google: Account) -> None:
    actions.create(google.calendar, {"title": "Tea", "start": "2026-12-01", "end": "2026-12-02"}, notify=True)
    google.walk_again()
    assert row("Tea").ours


def test_a_change_lies_on_top_of_every_sync_until_it_arrives(ada: User, page: Client, google: Account) -> None:
    google.sync(event())
    pk = row().pk
    path = f"/calendar/event/{pk}/edit/"
    page.post(path, form(page, path, title="Better", start_time="11:00", end_time="12:00"))
    change = Change.objects.get()
    assert set(change.payload["fields"]) == {"title", "start", "end"} == set(change.payload["was"])
    google.sync(event(location="Somewhere"))
    with transaction.atomic():
        google.store.overlay(google.connection, [change])
    shown = row("Better")
    assert (shown.pk, shown.location) == (pk, "Somewhere")
    assert shown.starts_at.astimezone(ada.zone).hour == 11
    with transaction.atomic():
        google.store.confirm(google.connection, [event(title="Better", location="Somewhere")])
    assert row("Better").said == {}


def test_a_form_that_changes_nothing_sends_nothing(page: Client, google: Account) -> None:
    html = "<p>Bring <b>oak</b></p><p>and tea</p>"
    google.sync(event(description=html, description_is_html=True, time_zone="UTC"))
    path = f"/calendar/event/{row().pk}/edit/"
    assert page.get(path).context["form"].notes == "Bring oak\nand tea"
    page.post(path, form(page, path))
    assert not Change.objects.exists()


@BOTH
def test_one_of_a_series_is_moved_and_comes_back_when_refused(
    ada: User, page: Client, account: Account, provider: str
) -> None:
    master, second = a_series(account), MONDAY + WEEK
    there = (second + timedelta(days=1)).astimezone(ada.zone)
    path = f"/calendar/event/{master.pk}/move/?at={at(second)}"
    walls = {"start": f"{there:%Y-%m-%dT%H:%M:%S}", "end": f"{there + HOUR:%Y-%m-%dT%H:%M:%S}"}
    asked = page.post(path, walls, headers={"HX-Request": "true"}).content.decode()
    assert "Only this event" in asked and "The whole series" in asked and not Change.objects.exists()
    page.post(path, walls | {"scope": "this"}, headers={"HX-Request": "true"})
    moved = [MONDAY, second + timedelta(days=1), MONDAY + 2 * WEEK, MONDAY + 3 * WEEK]
    assert starts(ada) == moved
    change = Change.objects.get()
    known = "s1-1" if provider == "microsoft" else f"s1_{second:%Y%m%dT%H%M%SZ}"
    assert (change.target_id, change.payload["series"]) == (known, "s1")
    a_series(account)  # the provider says the same as before, for it has not heard yet
    with transaction.atomic():
        account.store.overlay(account.connection, [change])
    assert starts(ada) == moved
    refuse(account)
    assert starts(ada) == [MONDAY + n * WEEK for n in range(4)]
    (other, found, *_) = page.get(f"/calendar/events/?start={MONDAY:%Y-%m-%d}&end={MONDAY + 3 * WEEK:%Y-%m-%d}").json()
    assert (other["note"], found["note"]) == ("", "Not saved")
    html = page.get(f"/calendar/event/{master.pk}/?at={at(second)}").content.decode()
    assert "while you changed it here" in html and "Keep mine" in html
    page.post(f"/calendar/change/{change.id}/", {"do": "retry"})
    assert starts(ada) == moved
    refuse(account)
    page.post(f"/calendar/change/{change.id}/", {"do": "discard"})
    assert starts(ada) == [MONDAY + n * WEEK for n in range(4)] and not Change.objects.exists()


@BOTH
def test_a_whole_series_is_moved_and_its_rule_with_it(ada: User, page: Client, account: Account, provider: str) -> None:
    master = a_series(account, rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20991231T000000Z")
    path, there = f"/calendar/event/{master.pk}/move/?at={at(MONDAY + WEEK)}", MONDAY + WEEK + timedelta(days=1)
    local = there.astimezone(ada.zone)
    walls = {"start": f"{local:%Y-%m-%dT%H:%M:%S}", "end": f"{local + HOUR:%Y-%m-%dT%H:%M:%S}", "scope": "all"}
    page.post(path, walls)
    assert starts(ada)[:3] == [MONDAY + timedelta(days=1) + n * WEEK for n in range(3)]
    fields = Change.objects.get().payload["fields"]
    assert fields["recurrence"][0].startswith("RRULE:FREQ=WEEKLY;UNTIL=2099")
    number = Change.objects.get().number
    page.post(f"/calendar/undo/{number}/")
    assert starts(ada)[:3] == [MONDAY + n * WEEK for n in range(3)] and not Change.objects.exists()


@BOTH
def test_one_of_a_series_or_all_of_it_is_deleted(ada: User, page: Client, account: Account, provider: str) -> None:
    master = a_series(account)
    path = f"/calendar/event/{master.pk}/delete/?at={at(MONDAY + WEEK)}"
    assert "Delete the whole series" in page.get(path).content.decode()
    page.post(path, {"scope": "this"})
    assert starts(ada) == [MONDAY, MONDAY + 2 * WEEK, MONDAY + 3 * WEEK]
    page.post(f"/calendar/event/{master.pk}/delete/", {"scope": "all"})
    assert starts(ada) == [] and page.get(f"/calendar/event/{master.pk}/").status_code == 404
    assert [c.operation for c in Change.objects.all()] == ["event.delete"] * 2
    refuse(account, "forbidden")
    assert len(starts(ada)) == 3


def test_an_event_whose_creation_was_refused_is_mended_or_given_up(page: Client, google: Account) -> None:
    made = actions.create(google.calendar, {"title": "Tea", "start": "2026-12-01", "end": "2026-12-02"}, notify=True)
    change = refuse(google, "field")
    html = page.get(f"/calendar/event/{made.pk}/").content.decode()
    assert "Google refused to add this event. No." in html and "Retry" in html
    path = f"/calendar/event/{made.pk}/edit/"
    page.post(path, form(page, path, title="Coffee"))
    change.refresh_from_db()
    assert (change.state, change.payload["fields"]["title"]) == ("waiting", "Coffee")
    page.post(f"/calendar/event/{row('Coffee').pk}/delete/")
    assert not Event.objects.exists() and not Change.objects.exists()


def test_an_invitation_is_answered_and_shows_it(page: Client, google: Account) -> None:
    me = (AttendeeRecord("ada@gmail.example", me=True), AttendeeRecord("i@x.example", organizer=True))
    google.sync(event(attendees=me), series(attendees=me))
    found = row()
    assert "Are you coming?" in page.get(f"/calendar/event/{found.pk}/").content.decode()
    for said, shown in (
        ("accepted", "You accepted"),
        ("tentative", "You answered maybe"),
        ("declined", "You declined"),
    ):
        page.post(f"/calendar/event/{found.pk}/answer/", {"answer": said})
        assert shown in page.get(f"/calendar/event/{found.pk}/").content.decode()
    assert [c.payload["answer"] for c in Change.objects.all()] == ["accepted", "tentative", "declined"]
    assert "every time?" in page.get(f"/calendar/event/{row('Event s1').pk}/").content.decode()
    for nonsense in ("perhaps", "none", ""):
        assert page.post(f"/calendar/event/{found.pk}/answer/", {"answer": nonsense}).status_code == 404
    assert page.get(f"/calendar/event/{found.pk}/edit/").status_code == 404, "it is somebody else's"


def test_an_undo_of_what_was_sent_sends_the_inverse(page: Client, google: Account) -> None:
    google.sync(event())
    change = actions.update(row(), {"title": "Better"}, {"title": "Event e1"}, instance=None, notify=False)
    assert change is not None
    Change.objects.update(state=ChangeState.DONE)
    page.post(f"/calendar/undo/{change.number}/")
    assert Change.objects.latest("number").payload["fields"] == {"title": "Event e1"} and row().said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start_day": "soon"}, "Give a day"),
        ({"start_time": "25:00"}, "Give a time"),
        ({"end_time": "08:00"}, "It ends before it begins."),
        ({"guests": "bo@x.example, nobody"}, "nobody is no e-mail address."),
        ({"repeat": "daily", "until": "never"}, "Give a day"),
        ({"was": "forged"}, "This form is too old."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(
    page: Client, google: Account, wrong: dict[str, str], words: str
) -> None:
    google.sync(event(start=MONDAY.replace(hour=9)))
    path = f"/calendar/event/{row().pk}/edit/"
    answer = page.post(path, form(page, path) | wrong)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert page.post(path, form(page, path) | wrong, headers={"HX-Request": "true"}).status_code == 200
    assert not Change.objects.exists()


def test_a_series_that_names_its_days_is_not_bent(page: Client, google: Account) -> None:
    master = a_series(google, rule="FREQ=WEEKLY;BYDAY=MO,TH")
    path = f"/calendar/event/{master.pk}/edit/"
    day = f"{MONDAY + timedelta(days=1):%Y-%m-%d}"
    answer = page.post(path, form(page, path, start_day=day, end_day=day, scope="all"))
    assert "This series names its days" in answer.content.decode()
    page.post(path, form(page, path, start_time="12:00", end_time="13:00", scope="all"))
    assert "recurrence" not in Change.objects.get().payload["fields"]


def test_nobody_edits_what_is_another_persons_or_read_only(page: Client, google: Account, client: Client) -> None:
    google.sync(event())
    pk = row().pk
    Calendar.objects.update(writable=False)
    for name in ("edit", "delete", "move"):
        assert page.post(f"/calendar/event/{pk}/{name}/").status_code == 404
    assert page.get("/calendar/new/").status_code == 404 and "New event" not in page.get("/calendar/").content.decode()
    Calendar.objects.update(writable=True)
    made = actions.update(row(), {"title": "B"}, {"title": "Event e1"}, instance=None, notify=False)
    assert made is not None
    refuse(google)
    client.force_login(User.objects.create_user("bea@osmen.example"))
    for name in ("edit", "delete", "move", "answer"):
        assert client.post(f"/calendar/event/{pk}/{name}/").status_code == 404
    assert client.post(f"/calendar/undo/{made.number}/").status_code == 404
    assert client.post(f"/calendar/change/{made.id}/", {"do": "discard"}).status_code == 404
    assert client.post("/calendar/new/", {"calendar": google.calendar.pk}).status_code == 404


def test_forms_and_details_cost_the_same_however_much_there_is(page: Client, google: Account) -> None:
    google.sync(event(), series(), event("asked", my_answer=Answer.NONE))
    pk = row().pk
    actions.update(row(), {"title": "B"}, {"title": "Event e1"}, instance=None, notify=False)
    paths = (f"/calendar/event/{pk}/", f"/calendar/event/{pk}/edit/", f"/calendar/event/{pk}/delete/", "/calendar/new/")
    counts = []
    for n in range(2):
        for path in paths:
            page.get(path)
            with CaptureQueriesContext(connection) as spent:
                assert page.get(path).status_code == 200
            counts.append(len(spent))
        if n == 0:
            google.sync(*[event(f"more{i}") for i in range(30)])
            actions.update(row("B"), {"location": "X"}, {"location": ""}, instance=None, notify=False)
    assert counts[:4] == counts[4:] and max(counts) <= 9, counts
