"""The calendar store: pages applied in whatever order and however often end in the same calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import Mock

import pytest

from accounts.models import User
from calendars import queries
from calendars.models import Calendar, Event, Occurrence
from calendars.tasks import roll_window
from integrations.records import Answer, AttendeeRecord, CalendarRecord, EventKind, EventRecord
from tests.calendars.conftest import MONDAY, Account, event, exception, series, starts

WEEK = timedelta(days=7)


def test_a_page_applied_twice_is_as_once(ada: User, google: Account) -> None:
    page = (event(), series(), exception("s1", MONDAY + WEEK, title="Moved", start=MONDAY + timedelta(days=8)))
    google.sync(*page)
    before = starts(ada), Event.objects.count(), Occurrence.objects.count()
    google.sync(*page)
    assert (starts(ada), Event.objects.count(), Occurrence.objects.count()) == before
    assert before[1] == 3


@pytest.mark.parametrize("first", ["master", "exception"])
def test_an_exception_takes_its_place_whichever_comes_first(ada: User, google: Account, first: str) -> None:
    moved = exception("s1", MONDAY + WEEK, start=MONDAY + timedelta(days=8))
    for record in (series(), moved) if first == "master" else (moved, series()):
        google.sync(record)
    assert starts(ada) == [MONDAY, MONDAY + timedelta(days=8), MONDAY + 2 * WEEK, MONDAY + 3 * WEEK]


def test_a_cancelled_exception_hides_its_instance_and_is_no_event(ada: User, google: Account) -> None:
    google.sync(series(), exception("s1", MONDAY + WEEK, cancelled=True))
    assert starts(ada) == [MONDAY, MONDAY + 2 * WEEK, MONDAY + 3 * WEEK]
    assert google.store.counts_of_user(ada.pk) == {(google.connection.pk, "main"): 1}


def test_a_removed_exception_gives_its_instance_back(ada: User, google: Account) -> None:
    google.sync(series(), exception("s1", MONDAY + WEEK, cancelled=True))
    google.sync(removed=["s1_" + f"{MONDAY + WEEK:%Y%m%d}"])
    assert len(starts(ada)) == 4


def test_a_full_walk_that_no_longer_finds_an_exception_gives_its_instance_back(ada: User, google: Account) -> None:
    google.sync(series(), event(), exception("s1", MONDAY + WEEK, cancelled=True))
    assert google.walk_again(series(), event()) == 1
    assert starts(ada).count(MONDAY + WEEK) == 1 and len(starts(ada)) == 5


def test_a_removed_master_takes_its_exceptions_along(ada: User, google: Account) -> None:
    google.sync(series(), exception("s1", MONDAY + WEEK), event())
    google.sync(removed=["s1"])
    assert list(Event.objects.values_list("provider_id", flat=True)) == ["e1"]
    assert starts(ada) == [MONDAY]


def test_a_series_that_comes_back_has_its_gaps(ada: User, google: Account) -> None:
    google.sync(series(), exception("s1", MONDAY + WEEK, cancelled=True), exception("s1", MONDAY + 2 * WEEK))
    google.sync(exception("s1", MONDAY + 2 * WEEK, cancelled=True), removed=["s1"])
    assert starts(ada) == [] and google.store.counts_of_user(ada.pk) == {}
    google.sync(series())
    assert starts(ada) == [MONDAY, MONDAY + 3 * WEEK]


def test_a_changed_rule_moves_its_occurrences(ada: User, google: Account) -> None:
    google.sync(series())
    google.sync(series(rule="FREQ=DAILY;COUNT=2"))
    assert starts(ada) == [MONDAY, MONDAY + timedelta(days=1)]


def _listed(n: int) -> EventRecord:
    return event(f"s1-{n}", MONDAY + n * WEEK, kind=EventKind.OCCURRENCE, series_id="s1", ical_uid="s1@example")


@pytest.mark.parametrize("master_first", [True, False])
def test_listed_occurrences_stand_once_their_master_is_here(ada: User, microsoft: Account, master_first: bool) -> None:
    master = series(lists_occurrences=True)
    listed = [_listed(n) for n in range(3)]
    for page in ([master], listed) if master_first else (listed, [master]):
        microsoft.sync(*page)
    assert starts(ada) == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]
    assert {i.title for i in queries.agenda(ada, MONDAY, MONDAY + 9 * WEEK)} == {"Event s1"}


def test_an_excluded_date_drops_what_was_listed_or_changed_there(ada: User, microsoft: Account) -> None:
    master = series(lists_occurrences=True)
    microsoft.sync(master, *[_listed(n) for n in range(3)], exception("s1", MONDAY + 3 * WEEK))
    gone = ",".join(f"{MONDAY + n * WEEK:%Y%m%dT%H%M%SZ}" for n in (1, 3))
    microsoft.sync(replace(master, recurrence=(*master.recurrence, f"EXDATE:{gone}")))
    assert starts(ada) == [MONDAY, MONDAY + 2 * WEEK]


def test_a_listed_occurrence_that_becomes_an_exception_and_again_an_occurrence(ada: User, microsoft: Account) -> None:
    master = series(lists_occurrences=True)
    microsoft.sync(master, *[_listed(n) for n in range(2)])
    moved = replace(exception("s1", MONDAY + WEEK, start=MONDAY + timedelta(days=8)), id="s1-1")
    microsoft.sync(moved)
    assert starts(ada) == [MONDAY, MONDAY + timedelta(days=8)]
    microsoft.sync(_listed(1))
    assert starts(ada) == [MONDAY, MONDAY + WEEK]


def test_a_full_walk_drops_what_it_did_not_mention(ada: User, microsoft: Account) -> None:
    microsoft.sync(event("old"), series(lists_occurrences=True), _listed(0), _listed(1))
    gone = microsoft.walk_again(series(lists_occurrences=True), _listed(1))
    assert gone == 1 and starts(ada) == [MONDAY + WEEK]


def test_the_list_of_calendars_is_made_exact_and_its_owners_switches_stay(google: Account) -> None:
    Calendar.objects.update(shown=False)
    google.store.containers(google.connection, [CalendarRecord("main", "Renamed"), CalendarRecord("b", "B")])
    assert list(Calendar.objects.order_by("pk").values_list("name", "shown")) == [("Renamed", False), ("B", True)]
    google.store.containers(google.connection, [CalendarRecord("b", "B")])
    assert [c.name for c in Calendar.objects.all()] == ["B"]


def test_purging_goes_on_until_nothing_is_left(google: Account, microsoft: Account) -> None:
    google.sync(*[event(f"e{n}") for n in range(5)])
    microsoft.sync(event())
    rounds = 0
    while google.store.purge(google.connection, 2):
        rounds += 1
    assert rounds == 3
    assert [c.connection_id for c in Calendar.objects.all()] == [microsoft.connection.pk]
    assert Event.objects.count() == Occurrence.objects.count() == 1


def test_what_neither_database_holds_is_cleaned(google: Account) -> None:
    google.sync(event(title="a\x00b\ud800", description="\x00", location="x" * 5000, start=date(2026, 1, 1)))
    found = Event.objects.get()
    assert (found.title, found.description, len(found.location), found.all_day) == ("ab?", "", 5000, True)


def test_an_end_before_its_start_is_the_start(google: Account) -> None:
    google.sync(event(end=MONDAY - timedelta(hours=3)))
    assert Event.objects.get().ends_at == MONDAY


@pytest.mark.parametrize(
    ("people", "answer", "asked"),
    [
        ((AttendeeRecord("me@x", me=True),), Answer.NONE, True),
        ((AttendeeRecord("me@x", me=True),), Answer.ACCEPTED, False),
        ((AttendeeRecord("me@x", me=True, organizer=True),), Answer.NONE, False),
        ((AttendeeRecord("you@x"),), Answer.NONE, False),
    ],
)
def test_who_is_asked(google: Account, people: tuple[AttendeeRecord, ...], answer: Answer, asked: bool) -> None:
    google.sync(event(attendees=people, my_answer=answer))
    assert Event.objects.get().asked is asked


def test_the_same_event_in_two_calendars_is_shown_once(ada: User, google: Account, microsoft: Account) -> None:
    google.sync(event(ical_uid="same"))
    microsoft.sync(event(ical_uid="same"), event("other", ical_uid=""))
    items = queries.agenda(ada, MONDAY, MONDAY + WEEK)
    assert [len(i.others) for i in items] == [1, 0]
    assert items[0].others == ("ada@outlook.example · Main",)


def test_hidden_calendars_and_other_people_are_not_in_the_agenda(
    ada: User, google: Account, connect: Callable[..., Account]
) -> None:
    bea = User.objects.create_user("bea@osmen.example")
    connect(bea, "google", "bea@gmail.example").sync(event("hers"))
    google.sync(event("mine"))
    assert [i.title for i in queries.agenda(ada, MONDAY, MONDAY + WEEK)] == ["Event mine"]
    Calendar.objects.filter(connection__user=ada).update(shown=False)
    assert queries.agenda(ada, MONDAY, MONDAY + WEEK) == []


def test_series_are_there_outside_of_the_stored_time_and_never_twice(ada: User, google: Account) -> None:
    google.sync(
        series(rule="FREQ=WEEKLY", start=MONDAY - 520 * WEEK), exception("s1", MONDAY + 520 * WEEK, cancelled=True)
    )
    for weeks in (-520, -400, -26, -25, 0, 51, 52, 53, 400, 519, 521):
        assert starts(ada, MONDAY + weeks * WEEK - timedelta(days=3), 7) == [MONDAY + weeks * WEEK]
    assert starts(ada, MONDAY + 520 * WEEK - timedelta(days=3), 7) == []
    assert len(starts(ada, MONDAY - 60 * WEEK, 7 * 140)) == 140


def test_what_a_provider_lists_beyond_the_stored_time_is_not_there_twice(ada: User, microsoft: Account) -> None:
    microsoft.sync(series(rule="FREQ=WEEKLY", lists_occurrences=True), *[_listed(n) for n in range(60)])
    items = queries.agenda(ada, MONDAY, MONDAY + 58 * WEEK)
    assert len(items) == 58 and all(not i.others for i in items)


def test_a_window_that_cannot_be_moved_on_stays_as_it_was(
    ada: User, google: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    google.sync(series())
    calendar, behind = Calendar.objects.get(), timedelta(days=60)
    assert calendar.stored_until is not None
    Calendar.objects.update(stored_until=calendar.stored_until - behind)
    before = starts(ada)
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Occurrence.objects, "bulk_create", Mock(side_effect=InterruptedError))
        roll_window()
    assert starts(ada) == before
    roll_window()
    assert Calendar.objects.get().stored_until == calendar.stored_until and starts(ada) == before
