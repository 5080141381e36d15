"""Zone names between Outlook and IANA."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzlocal.windows_tz import tz_win, win_tz

from integrations.providers.microsoft import times, zones


@given(st.sampled_from(sorted(win_tz)))
def test_every_windows_name_has_an_iana_zone(name: str) -> None:
    assert ZoneInfo(zones.iana(name)).key == zones.iana(name)


@given(st.sampled_from(sorted(tz_win)))
def test_a_zone_comes_back_with_the_clock_it_left_with(name: str) -> None:
    """Windows names stand for several zones each, but for all of them the canonical one has the same name."""
    assert zones.windows(zones.iana(zones.windows(name))) == zones.windows(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("tzone://Microsoft/Custom", ""),
        ("Customized Time Zone", ""),
        ("../../etc/passwd", ""),
        ("", ""),
    ],
)
def test_names_as_outlook_gives_them(name: str, expected: str) -> None:
    assert zones.iana(name) == expected


@given(st.text(max_size=40))
def test_any_name_is_answered(name: str) -> None:
    found = zones.iana(name)
    assert not found or ZoneInfo(found)


def test_instants_with_seven_digits_and_no_time() -> None:
    assert times.instant("2026-06-15T10:00:00.1234567Z") == datetime(2026, 6, 15, 10, 0, 0, 123456, UTC)
    assert times.instant("0001-01-01T00:00:00Z") is None
    assert times.instant("soon") is None
    assert times.instant(None) is None


def test_a_pair_of_time_and_zone_is_an_instant() -> None:
    pair = {"dateTime": "2026-06-15T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    assert times.zoned(pair) == datetime(2026, 6, 15, 8, tzinfo=UTC)
    assert times.zoned({**pair, "timeZone": "UTC"}) == datetime(2026, 6, 15, 10, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2037, 12, 30)), st.sampled_from(sorted(set(win_tz.values()))))
def test_an_all_day_event_keeps_its_date_either_way(day: date, zone: str) -> None:
    """Whether Graph writes the midnight as it is or as the instant of the midnight in the event's own zone."""
    plain = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert times.day(plain, zone) == day
    own = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if own.hour or own.minute:
        assert times.day(own, zone) == day
    assert times.day(plain, zone) - times.day(plain - timedelta(days=1), zone) == timedelta(days=1)
