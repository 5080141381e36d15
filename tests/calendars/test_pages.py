"""The calendar as a reader gets it: what is on it, whose it is, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from calendars.models import Calendar, Event
from integrations.models import Collection, Connection
from integrations.models.connection import State
from tests.calendars.conftest import MONDAY, Account, event, get, series, titles

WEEK = f"{MONDAY:%Y-%m-%d}"
VIEWS = ("month", "week", "day", "agenda")


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_the_day_as_a_list_and_to_the_grid(page: Client, google: Account, view: str) -> None:
    google.sync(event(title="Tea <b>& cake</b>"), series(rule="FREQ=DAILY;COUNT=2", title="Standup"))
    html = get(page, f"/calendar/?view={view}&date={WEEK}")
    assert {"Tea &lt;b&gt;&amp; cake&lt;/b&gt;", "Standup"} <= set(titles(html))
    assert ('id="grid-events"' in html) == (view != "agenda")
    assert f'aria-current="page">{view.title()}' in html


def test_without_a_view_it_is_this_week(page: Client, google: Account) -> None:
    html = get(page, "/calendar/")
    assert 'data-view="week"' in html and f'data-date="{datetime.now(UTC):%Y-%m}' in html


@pytest.mark.parametrize(("hour", "begins"), [("08:12", "09:00"), ("20:59", "21:00"), ("23:40", "23:00")])
def test_a_new_event_begins_with_the_next_hour_of_today(
    ada: User, page: Client, google: Account, monkeypatch: pytest.MonkeyPatch, hour: str, begins: str
) -> None:
    now = datetime.fromisoformat(f"{datetime.now(ada.zone):%Y-%m-%d}T{hour}").replace(tzinfo=ada.zone)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    assert f"?start={now:%Y-%m-%d}T{begins}" in get(page, "/calendar/")
    later = f"{now + timedelta(days=7):%Y-%m-%d}"
    assert f"?start={later}T09:00" in get(page, f"/calendar/?date={later}")


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("0000-00-00", None),
        ("99999-01-01", None),
        ("0001-01-01", "1900-01-01"),
        ("9999-12-31", "2199-12-31"),
        ("2026-02-30", None),
        ("<script>", None),
        ("１２３４-01-01", None),
        ("1900-01-01", "1900-01-01"),
        ("2199-12-31", "2199-12-31"),
    ],
)
@pytest.mark.parametrize("view", [*VIEWS, "century"])
def test_days_out_of_reach_show_the_nearest_and_nonsense_today(
    page: Client, google: Account, day: str, shown: str | None, view: str
) -> None:
    google.sync(series(rule="FREQ=DAILY", start=datetime(1970, 1, 1, 9, tzinfo=UTC)))
    html = get(page, f"/calendar/?view={view}&date={day}")
    assert f'data-date="{shown or ""}' in html


@pytest.mark.parametrize(
    "path",
    [f"/calendar/?view={v}&date={WEEK}" for v in VIEWS]
    + [f"/calendar/events/?start={WEEK}&end={MONDAY + timedelta(days=42):%Y-%m-%d}"],
)
def test_a_page_costs_the_same_however_much_is_on_it(
    ada: User, page: Client, connect: Callable[..., Account], google: Account, path: str
) -> None:
    google.sync(event(), series())
    page.get(path)
    counts = []
    for n in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert page.get(path).status_code == 200
        counts.append(len(queries))
        if n == 0:
            for more in range(3):
                other = connect(ada, "google", f"ada{more}@gmail.example")
                other.sync(
                    *[event(f"e{i}", MONDAY + timedelta(minutes=i)) for i in range(30)],
                    *[series(f"s{i}") for i in range(10)],
                )
    assert counts[0] == counts[1] <= 12


def test_far_away_it_costs_two_queries_more(page: Client, google: Account, microsoft: Account) -> None:
    google.sync(series(rule="FREQ=WEEKLY"))
    microsoft.sync(series(rule="FREQ=WEEKLY"))
    page.get("/calendar/")
    with CaptureQueriesContext(connection) as near:
        page.get(f"/calendar/?date={WEEK}")
    with CaptureQueriesContext(connection) as far:
        page.get("/calendar/?date=2150-01-01")
    assert len(far) == len(near) + 2


def test_a_switch_hides_a_calendar_and_keeps_the_place(page: Client, google: Account) -> None:
    google.sync(event())
    path = f"/calendar/calendars/{google.calendar.pk}/shown/"
    answer = page.post(path, {"next": f"/calendar/?view=week&date={WEEK}"})
    assert answer.status_code == 302 and answer["Location"] == f"/calendar/?view=week&date={WEEK}"
    assert titles(get(page, answer["Location"])) == []
    answer = page.post(path, {"shown": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer["HX-Trigger"] == "calendars-changed"
    assert titles(get(page, f"/calendar/?date={WEEK}")) == ["Event e1"]
    for elsewhere in ("https://evil.example/", "//evil.example/calendar/", "/calendar/../accounts/logout/", ""):
        assert page.post(path, {"next": elsewhere})["Location"].startswith("/calendar/")
    assert page.get(path).status_code == 405


def test_nobody_sees_or_switches_what_is_another_persons(
    ada: User, page: Client, connect: Callable[..., Account], client: Client
) -> None:
    bea = User.objects.create_user("bea@osmen.example")
    hers = connect(bea, "google", "bea@gmail.example")
    hers.sync(event("hers"))
    pk = Event.objects.get().pk
    assert page.get(f"/calendar/event/{pk}/").status_code == 404
    assert page.post(f"/calendar/calendars/{hers.calendar.pk}/shown/").status_code == 404
    assert Calendar.objects.get().shown
    assert "Event hers" not in get(page, f"/calendar/?date={WEEK}")


@pytest.mark.parametrize("path", ["/calendar/", "/calendar/events/", "/calendar/event/1/"])
def test_a_stranger_is_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 302


def test_an_account_being_removed_is_gone_already(page: Client, google: Account) -> None:
    google.sync(event())
    google.connection.state = State.DISCONNECTING
    google.connection.save()
    html = get(page, f"/calendar/?date={WEEK}")
    assert "Event e1" not in html and "No calendar is connected yet" in html
    assert page.get(f"/calendar/event/{Event.objects.get().pk}/").status_code == 404


def test_the_states_of_the_page(page: Client, ada: User, connect: Callable[..., Account]) -> None:
    assert "No calendar is connected yet" in get(page, "/calendar/")
    account = connect(ada)
    assert "Nothing here" in get(page, "/calendar/?view=agenda&date=2050-01-01")
    Collection.objects.update(phase="first", walked=1240)
    html = get(page, "/calendar/")
    assert "1,240 events so far" in html and "data-busy" in html
    account.connection.state = State.RECONNECT
    account.connection.save()
    assert "Stopped" in get(page, "/calendar/")


def test_calendars_that_were_not_allowed_are_off_and_not_arriving(page: Client, google: Account) -> None:
    google.connection.collections.all().delete()
    Connection.objects.update(granted_scopes=["openid"])
    html = page.get("/calendar/").content.decode()
    assert "ada@gmail.example: calendars are off, because OsMEN has no permission for them." in html
    assert "arriving" not in html and "data-busy" not in html


def test_twelve_hours_and_a_week_from_sunday(ada: User, page: Client, google: Account) -> None:
    User.objects.filter(pk=ada.pk).update(hour12=True, week_start=0)
    google.sync(event(start=datetime(2026, 7, 1, 9, 30, tzinfo=UTC), hours=2))
    html = get(page, "/calendar/?date=2026-07-01")
    assert "11:30 AM–1:30 PM" in html and "data-hour12" in html and 'data-week-start="0"' in html
    events = json.loads(re.search(r'id="grid-events" type="application/json">(.*?)</script>', html).group(1))  # type: ignore[union-attr]
    assert events[0]["time"] == "11:30 AM–1:30 PM"
