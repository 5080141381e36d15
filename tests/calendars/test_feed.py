"""What the grid is given: on the reader's wall clock, with the words and marks that each event needs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from integrations.records import Answer, AttendeeRecord, Showing
from tests.calendars.conftest import MONDAY, Account, event, feed


def test_the_feed_is_on_the_readers_wall_clock(page: Client, google: Account) -> None:
    google.sync(
        event("summer", datetime(2026, 7, 1, 22, 30, tzinfo=UTC)),
        event("winter", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        event("whole", date(2026, 7, 3), 2),
        event("trip", datetime(2026, 7, 10, 10, tzinfo=UTC), 50),
    )
    given = {e["title"]: e for e in feed(page, "2026-01-01", "2026-12-31T00:00:00Z")}
    assert (given["Event summer"]["start"], given["Event summer"]["end"]) == (
        "2026-07-02T00:30:00",
        "2026-07-02T01:30:00",
    )
    assert given["Event winter"]["time"] == "09:00–10:00"
    assert (given["Event whole"]["start"], given["Event whole"]["end"], given["Event whole"]["allDay"]) == (
        "2026-07-03",
        "2026-07-05",
        True,
    )
    assert (given["Event trip"]["start"], given["Event trip"]["end"], given["Event trip"]["allDay"]) == (
        "2026-07-10",
        "2026-07-13",
        True,
    )


def test_an_event_over_the_hour_that_comes_twice_does_not_end_before_it_begins(page: Client, google: Account) -> None:
    google.sync(event("night", datetime(2026, 10, 25, 0, 50, tzinfo=UTC), 0.5))
    (found,) = feed(page, "2026-10-25", "2026-10-26")
    assert (found["start"], found["end"]) == ("2026-10-25T02:50:00", "2026-10-25T03:20:00")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_an_all_day_event_stays_on_its_date_in_every_zone(ada: User, page: Client, google: Account, zone: str) -> None:
    User.objects.filter(pk=ada.pk).update(time_zone=zone)
    google.sync(event("whole", date(2026, 7, 3)))
    assert [len(feed(page, f"2026-07-{d:02}", f"2026-07-{d + 1:02}")) for d in (2, 3, 4)] == [0, 1, 0]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start=2026-01-01",
        "start=2026-01-02&end=2026-01-01",
        "start=2026-01-01&end=2026-01-01",
        "start=2026-01-01&end=2028-01-01",
        "start=yesterday&end=2026-01-01",
        "start=2026-01-01T09:30:00Z&end=2026-02-01",
        "start=9999-12-01&end=9999-12-31",
        "start=0001-01-01&end=0001-01-03",
    ],
)
def test_a_feed_of_nonsense_is_refused(page: Client, query: str) -> None:
    assert page.get(f"/calendar/events/?{query}").status_code == 400


def test_a_feed_that_has_not_changed_is_not_sent_again(page: Client, google: Account) -> None:
    google.sync(event())
    path = f"/calendar/events/?start={MONDAY:%Y-%m-%d}&end={(MONDAY + timedelta(days=7)):%Y-%m-%d}"
    etag = page.get(path)["ETag"]
    assert page.get(path, headers={"If-None-Match": etag}).status_code == 304
    google.sync(event(title="Other"))
    assert page.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_how_an_event_looks(page: Client, google: Account, microsoft: Account) -> None:
    me = (AttendeeRecord("ada@gmail.example", me=True),)
    google.sync(
        event("busy", hours=2),
        event("clash", MONDAY + timedelta(hours=1)),
        event("free", MONDAY + timedelta(hours=1), showing=Showing.FREE),
        event("asked", MONDAY + timedelta(hours=4), attendees=me),
        event("maybe", MONDAY + timedelta(hours=5), my_answer=Answer.TENTATIVE),
        event("no", MONDAY + timedelta(hours=6), my_answer=Answer.DECLINED),
        event("both", MONDAY + timedelta(hours=7)),
        event("short", MONDAY + timedelta(hours=8), 0.25),
        event("past", MONDAY - timedelta(days=40)),
    )
    microsoft.sync(event("both", MONDAY + timedelta(hours=7)))
    given = {
        e["title"].removeprefix("Event "): e
        for e in feed(page, f"{MONDAY - timedelta(days=60):%Y-%m-%d}", f"{MONDAY + timedelta(days=1):%Y-%m-%d}")
    }
    assert [t for t, e in given.items() if e["conflict"]] == ["clash"]
    assert "is-asked" in given["asked"]["classNames"] and given["asked"]["note"] == "Invited"
    assert "is-maybe" in given["maybe"]["classNames"]
    assert "is-declined" in given["no"]["classNames"]
    assert "is-short" in given["short"]["classNames"]
    assert "is-past" in given["past"]["classNames"] and "is-past" not in given["busy"]["classNames"]
    assert given["both"]["note"] == "in 2 calendars" and "acct-blue" in given["both"]["classNames"]
