"""Expansion of series against dateutil's own, over summer time, and for rules that are no rules."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.recurrence import expand, over_at

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def _expand(lines: list[str], start: datetime, since: datetime, until: datetime, **facts: object) -> list[datetime]:
    defaults = {"zone": "Europe/Berlin", "all_day": False}
    pairs = expand(lines, start, start + HOUR, since=since, until=until, **(defaults | facts))  # type: ignore[arg-type]
    return [begins for begins, _ in pairs]


_days = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True)
_rules = st.one_of(
    st.builds(
        lambda f, i: f"FREQ={f};INTERVAL={i}",
        st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        st.integers(1, 7),
    ),
    st.builds(lambda i, d: f"FREQ=WEEKLY;INTERVAL={i};BYDAY={','.join(d)}", st.integers(1, 5), _days),
    st.builds(
        lambda i, n, d: f"FREQ=MONTHLY;INTERVAL={i};BYDAY={n}{d[0]}",
        st.integers(1, 5),
        st.sampled_from([1, 2, 4, -1]),
        _days,
    ),
    st.builds(
        lambda i, d: f"FREQ=MONTHLY;INTERVAL={i};BYMONTHDAY={d}",
        st.integers(1, 5),
        st.sampled_from([1, 15, 28, 30, 31, -1]),
    ),
    st.builds(lambda m, d: f"FREQ=YEARLY;BYMONTH={m};BYDAY=-1{d[0]}", st.integers(1, 12), _days),
    st.builds(lambda i, m: f"FREQ=YEARLY;INTERVAL={i};BYMONTH={m}", st.integers(1, 4), st.integers(1, 12)),
    st.builds(lambda d: f"FREQ=MONTHLY;BYDAY={','.join(d)};BYSETPOS=-1", _days),
)
_starts = st.integers(0, 35 * 365 * 24).map(lambda hours: datetime.fromisoformat("1995-01-01") + hours * HOUR)


@settings(max_examples=150, deadline=None)
@given(_rules, _starts, st.integers(0, 9000), st.sampled_from(["", ";COUNT=40", ";UNTIL=20310101T000000Z"]))
def test_looking_far_ahead_finds_what_going_through_all_would(rule: str, start: datetime, ahead: int, end: str) -> None:
    since = start.replace(tzinfo=UTC) + timedelta(days=ahead)
    until = since + timedelta(days=62)
    walls = rrulestr(rule + end.replace("Z", ""), dtstart=start).between(
        since.replace(tzinfo=None) - 2 * HOUR, until.replace(tzinfo=None), inc=True
    )
    expected = [
        w.replace(tzinfo=UTC) for w in walls if w.replace(tzinfo=UTC) + HOUR > since and w.replace(tzinfo=UTC) < until
    ]
    assert _expand([f"RRULE:{rule}{end}"], start.replace(tzinfo=UTC), since, until, zone="UTC") == expected


def test_nine_stays_nine_over_both_changes_of_the_clocks() -> None:
    start = datetime(2026, 3, 27, 9, tzinfo=BERLIN).astimezone(UTC)
    found = _expand(["RRULE:FREQ=DAILY"], start, start, start + timedelta(days=300))
    assert {moment.astimezone(BERLIN).hour for moment in found} == {9}
    assert {moment.hour for moment in found} == {7, 8}


def test_an_hour_that_does_not_exist_comes_an_hour_later_and_one_that_comes_twice_once() -> None:
    start = datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN).astimezone(UTC)
    found = _expand(["RRULE:FREQ=DAILY;COUNT=3"], start, start, start + timedelta(days=9))
    assert [f"{m.astimezone(BERLIN):%d %H:%M}" for m in found] == ["28 02:30", "29 03:30", "30 02:30"]
    start = datetime(2026, 10, 24, 2, 30, tzinfo=BERLIN).astimezone(UTC)
    assert len(_expand(["RRULE:FREQ=DAILY;COUNT=3"], start, start, start + timedelta(days=9))) == 3


START = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "days"),
    [("20261125", 3), ("20261125T080000Z", 3), ("20261125T075959Z", 2), ("20261125T090000", 3), ("20261101", 0)],
)
def test_the_forms_of_until(until: str, days: int) -> None:
    found = _expand([f"RRULE:FREQ=DAILY;UNTIL={until}"], START, START, START + timedelta(days=30))
    assert len(found) == days


@pytest.mark.parametrize(
    "excluded",
    [
        "EXDATE:20261124T080000Z",
        "EXDATE;TZID=Europe/Berlin:20261124T090000",
        'EXDATE;TZID="America/New_York":20261124T030000',
        "EXDATE;VALUE=DATE:20261124",
        "exdate:20261124T090000",
    ],
)
def test_the_forms_of_an_excluded_date(excluded: str) -> None:
    found = _expand(["RRULE:FREQ=DAILY;COUNT=3", excluded], START, START, START + timedelta(days=30))
    assert [m.day for m in found] == [23, 25]


def test_an_all_day_series_keeps_to_its_dates() -> None:
    start = datetime(2026, 3, 28, tzinfo=UTC)
    pairs = expand(
        ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260329", "RDATE;VALUE=DATE:20260404"],
        start,
        start + timedelta(days=1),
        zone="America/New_York",
        all_day=True,
        since=start,
        until=start + timedelta(days=30),
    )
    assert [(b.day, b.hour, e - b) for b, e in pairs] == [(d, 0, timedelta(days=1)) for d in (28, 30, 4)]


def test_what_began_before_and_still_lasts_is_there() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    since = datetime(2026, 6, 10, tzinfo=UTC)
    pairs = expand(
        ["RRULE:FREQ=MONTHLY"],
        start,
        start + timedelta(days=20),
        zone="UTC",
        all_day=False,
        since=since,
        until=since + HOUR,
    )
    assert [b.month for b, _ in pairs] == [6]


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=SOMETIMES",
        "RRULE:",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=DAILY;INTERVAL=99999999999999",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RDATE:tomorrow",
        "DTSTART:20260101",
        "nonsense",
    ],
)
def test_a_line_that_is_no_rule_leaves_the_first_time(line: str) -> None:
    assert _expand([line], START, START - HOUR, START + timedelta(days=400)) == [START]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=DAILY;COUNT=100000"],
)
def test_no_rule_takes_long_however_old_it_is(rule: str) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    begun = time.perf_counter()
    _expand([f"RRULE:{rule}"], start, START, START + timedelta(days=545))
    assert time.perf_counter() - begun < 2


def test_when_a_series_is_over() -> None:
    assert over_at(["RRULE:FREQ=DAILY"], START, START + HOUR) is None
    assert over_at(["RRULE:FREQ=DAILY;UNTIL=20261201", "RDATE:20300101T000000Z"], START, START + HOUR) is None
    assert over_at(["RRULE:FREQ=DAILY;COUNT=5;BYMONTH=2"], START, START + HOUR) is None
    ends = over_at(["RRULE:FREQ=DAILY;UNTIL=20261201T080000Z"], START, START + HOUR)
    assert ends is not None and ends >= datetime(2026, 12, 1, 9, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(_rules, _starts, st.integers(1, 12))
def test_a_series_that_counts_is_over_by_then(rule: str, start: datetime, count: int) -> None:
    first = start.replace(tzinfo=UTC)
    ends = over_at([f"RRULE:{rule};COUNT={count}"], first, first + HOUR)
    walls = list(rrulestr(f"{rule};COUNT={count}", dtstart=start))
    assert ends is None or not walls or walls[-1].replace(tzinfo=UTC) + HOUR <= ends
