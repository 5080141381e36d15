"""Graph's recurrence patterns against a reading of their documentation, day by day."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.providers.microsoft import recurrence

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
INDEXES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
YEARS = 6

day_sets = st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True)
patterns = st.one_of(
    st.fixed_dictionaries({"type": st.just("daily"), "interval": st.integers(1, 40)}),
    st.fixed_dictionaries(
        {
            "type": st.just("weekly"),
            "interval": st.integers(1, 5),
            "daysOfWeek": day_sets,
            "firstDayOfWeek": st.sampled_from(DAYS),
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("absoluteMonthly"), "interval": st.integers(1, 14), "dayOfMonth": st.integers(1, 31)}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("relativeMonthly"),
            "interval": st.integers(1, 14),
            "daysOfWeek": day_sets,
            "index": st.sampled_from(sorted(INDEXES)),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("absoluteYearly"),
            "interval": st.integers(1, 2),
            "month": st.integers(1, 12),
            "dayOfMonth": st.integers(1, 31),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("relativeYearly"),
            "interval": st.integers(1, 2),
            "month": st.integers(1, 12),
            "daysOfWeek": day_sets,
            "index": st.sampled_from(sorted(INDEXES)),
        }
    ),
)
ranges = st.one_of(
    st.just({"type": "noEnd"}),
    st.fixed_dictionaries({"type": st.just("numbered"), "numberOfOccurrences": st.integers(1, 30)}),
    st.fixed_dictionaries({"type": st.just("endDate"), "days": st.integers(0, 900)}),
)


def falls_on(pattern: dict[str, Any], start: date, day: date) -> bool:
    """The documentation of recurrencePattern, as a question about one day."""
    kind: str = pattern["type"]
    interval: int = pattern["interval"]
    if kind == "daily":
        return (day - start).days % interval == 0
    if kind == "weekly":
        first = DAYS.index(pattern["firstDayOfWeek"])
        weeks = [d - timedelta(days=(d.weekday() - first) % 7) for d in (start, day)]
        return (weeks[1] - weeks[0]).days // 7 % interval == 0 and DAYS[day.weekday()] in pattern["daysOfWeek"]
    if kind.endswith("Yearly"):
        if day.month != pattern["month"] or (day.year - start.year) % interval:
            return False
    elif ((day.year - start.year) * 12 + day.month - start.month) % interval:
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if kind.startswith("absolute"):
        wanted: int = pattern["dayOfMonth"]
        return day.day == min(wanted, length)
    fitting = [d for d in range(1, length + 1) if DAYS[date(day.year, day.month, d).weekday()] in pattern["daysOfWeek"]]
    return day.day == fitting[INDEXES[pattern["index"]]]


def expected_days(pattern: dict[str, Any], extent: dict[str, Any], start: date, end: date) -> list[date]:
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    found = [d for d in days if falls_on(pattern, start, d)]
    if extent["type"] == "numbered":
        return found[: extent["numberOfOccurrences"]]
    if extent["type"] == "endDate":
        return [d for d in found if d <= date.fromisoformat(extent["endDate"])]
    return found


@settings(max_examples=150, deadline=None)
@given(
    patterns,
    ranges,
    st.dates(date(2019, 1, 1), date(2027, 1, 1)),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.booleans(),
)
def test_a_rule_falls_on_the_days_that_graph_means(
    pattern: dict[str, Any], extent: dict[str, Any], start: date, zone: str, hour: int, all_day: bool
) -> None:
    if extent["type"] == "endDate":
        extent = {"type": "endDate", "endDate": (start + timedelta(days=extent["days"])).isoformat()}
    line = recurrence.rule({"pattern": pattern, "range": extent}, zone, all_day=all_day)
    # Dates have no zone, and an UNTIL without one goes with a start without one only.
    clock = None if all_day else ZoneInfo(zone)
    first = datetime(start.year, start.month, start.day, 0 if all_day else hour, tzinfo=clock)
    end = datetime(start.year + YEARS, 1, 1, tzinfo=clock)
    found = [d.date() for d in rrulestr(line, dtstart=first).between(first, end, inc=True) if d < end]
    assert found == expected_days(pattern, extent, start, end.date())


@pytest.mark.parametrize(
    ("pattern", "extent", "expected"),
    [
        (
            {"type": "Weekly", "interval": 2, "daysOfWeek": ["Monday", "Thursday"], "firstDayOfWeek": "Monday"},
            {"type": "NoEnd"},
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO",
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last"},
            {"type": "numbered", "numberOfOccurrences": 5},
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=5",
        ),
        (
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
            {"type": "endDate", "endDate": "2026-06-30"},
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;UNTIL=20260630T215959Z",
        ),
        ({"type": "hourly", "interval": 1}, {"type": "noEnd"}, ""),
        ({}, {}, ""),
    ],
)
def test_lines(pattern: dict[str, Any], extent: dict[str, Any], expected: str) -> None:
    assert recurrence.rule({"pattern": pattern, "range": extent}, "Europe/Berlin", all_day=False) == expected


def test_cancelled_instances_keep_the_clock_time_through_daylight_saving() -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    ids = ["OID.AAkALg.x=.2026-04-06", "OID.AAkALg.x=.2026-03-09", "OID.without-a-date"]
    assert recurrence.exclusions(ids, start, "Europe/Berlin") == ("EXDATE:20260309T080000Z", "EXDATE:20260406T070000Z")


def test_cancelled_days_of_an_all_day_series() -> None:
    assert recurrence.exclusions(["OID.x.2026-04-06"], date(2026, 3, 2), "UTC") == ("EXDATE;VALUE=DATE:20260406",)
