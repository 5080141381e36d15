"""One event in words, on a page of its own and opened in place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from calendars.models import Event
from integrations.records import Address, Answer, AttendeeRecord
from tests.calendars.conftest import Account, event, get, series


def test_an_event_in_words(page: Client, google: Account, microsoft: Account) -> None:
    google.sync(
        series(
            rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20270303",
            start=datetime(2026, 11, 23, 8, tzinfo=UTC),
            title="Review",
            time_zone="Asia/Seoul",
            location="Workshop, https://maps.example/x",
            meeting_url="https://meet.example/abc",
            web_url="javascript:alert(1)",
            organizer=Address("i@x.example", "Ingrid"),
            attendees=(
                AttendeeRecord("i@x.example", "Ingrid", Answer.ACCEPTED, organizer=True),
                AttendeeRecord("ada@gmail.example", "Ada", me=True),
            ),
            reminders=(10, 1440),
            description='<p onclick="x()">Bring <b>oak</b><img src="https://t.example/p.gif"><script>x()</script></p>'
            '<a href="javascript:x()">bad</a> <a href="https://ok.example">good</a>',
            description_is_html=True,
        )
    )
    microsoft.sync(event("other", ical_uid="s1@example"))
    pk = Event.objects.get(title="Review").pk
    html = get(page, f"/calendar/event/{pk}/?at=20261207T080000Z")
    for words in (
        "Monday 7 December, 09:00–10:00",
        "17:00–18:00 in Seoul",
        "Every 2 weeks on Monday and Thursday, until 3 March 2027",
        'href="https://meet.example/abc"',
        "Ingrid",
        "1 yes, 1 no answer",
        "You have not answered",
        "10 min before, 1 day before",
        "in 2 calendars",
        "Bring <b>oak</b>",
        'href="https://ok.example"',
    ):
        assert words in html, words
    for unsafe in ("javascript:", "onclick", "p.gif", "x()", "<script>x"):
        assert unsafe not in html
    part = get(page, f"/calendar/event/{pk}/", **{"HX-Request": "true"})
    assert "<html" not in part and 'method="dialog"' in part and "Monday 23 November" in part


def test_a_plain_description_gets_its_links_and_nothing_else(page: Client, google: Account) -> None:
    google.sync(event(description="See https://a.example/x?y=1&z=2\n\n<b>not bold</b>"))
    html = get(page, f"/calendar/event/{Event.objects.get().pk}/")
    assert '<a href="https://a.example/x?y=1&amp;z=2"' in html and "&lt;b&gt;not bold&lt;/b&gt;" in html


@pytest.mark.parametrize("at", ["", "nonsense", "20261301T000000Z", "00010101T000000Z", "99991231T235959Z"])
def test_an_event_opens_whatever_time_its_address_names(page: Client, google: Account, at: str) -> None:
    google.sync(series(hours=50))
    get(page, f"/calendar/event/{Event.objects.get().pk}/?at={at}")
