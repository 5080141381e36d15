"""RRULEs as Outlook's recurrences: what can be said says the same days, what cannot is left out with a reason."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.microsoft.calendar.expand import days
from sandbox.microsoft.calendar.recurrence import Inexpressible, from_rule

START = datetime(2026, 6, 1, 9)  # noqa: DTZ001 (a wall clock); a Monday
ZONE = "W. Europe Standard Time"


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("FREQ=DAILY;INTERVAL=3", {"type": "daily", "interval": 3}),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", {"type": "weekly", "interval": 1}),
        ("FREQ=WEEKLY;BYDAY=WE,MO;WKST=SU", {"daysOfWeek": ["monday", "wednesday"], "firstDayOfWeek": "sunday"}),
        ("FREQ=MONTHLY", {"type": "absoluteMonthly", "dayOfMonth": 1}),
        ("FREQ=MONTHLY;BYDAY=1MO", {"type": "relativeMonthly", "index": "first", "daysOfWeek": ["monday"]}),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", {"type": "relativeMonthly", "index": "first"}),
        ("FREQ=YEARLY", {"type": "absoluteYearly", "month": 6, "dayOfMonth": 1}),
        ("FREQ=YEARLY;BYMONTH=6;BYDAY=1MO", {"type": "relativeYearly", "month": 6, "index": "first"}),
    ],
)
def test_rules_that_outlook_has(rule: str, pattern: dict[str, object]) -> None:
    said = json.loads(from_rule(rule, START, ZONE))["pattern"]
    assert pattern.items() <= said.items()


@pytest.mark.parametrize(
    ("rule", "span"),
    [
        ("FREQ=DAILY", {"type": "noEnd"}),
        ("FREQ=DAILY;COUNT=5", {"type": "numbered", "numberOfOccurrences": 5}),
        ("FREQ=DAILY;UNTIL=20260610", {"type": "endDate", "endDate": "2026-06-10"}),
        ("FREQ=DAILY;UNTIL=20260610T070000Z", {"type": "endDate", "endDate": "2026-06-10"}),
        ("FREQ=DAILY;UNTIL=20260610T065959Z", {"type": "endDate", "endDate": "2026-06-09"}),
    ],
)
def test_ranges(rule: str, span: dict[str, object]) -> None:
    said = json.loads(from_rule(rule, START, ZONE))["range"]
    assert span.items() <= said.items() and said["startDate"] == "2026-06-01" and said["recurrenceTimeZone"] == ZONE


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9,12",
        "FREQ=DAILY;BYMONTH=6",
        "FREQ=WEEKLY;BYDAY=TU",  # its start is no occurrence
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-2",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=YEARLY;BYWEEKNO=23",
        "FREQ=YEARLY;BYDAY=22MO",
        "FREQ=YEARLY;UNTIL=20250101",
        "FREQ=WEEKLY;INTERVAL=0",
        "UNTIL=x",
        "",
    ],
)
def test_rules_that_outlook_does_not_have(rule: str) -> None:
    with pytest.raises(Inexpressible):
        from_rule(rule, START, ZONE)


def test_day_31_is_the_last_day_of_shorter_months_and_so_no_rfc_rule() -> None:
    start = datetime(2026, 1, 31, 9)  # noqa: DTZ001 (a wall clock)
    with pytest.raises(Inexpressible):
        from_rule("FREQ=MONTHLY;BYMONTHDAY=31", start, ZONE)
    stored = from_rule("FREQ=MONTHLY;BYMONTHDAY=-1", start, ZONE)
    shown = list(islice(days(stored, start.date(), date(2027, 1, 1)), 3))
    assert shown == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={};WKST={}".format,
        st.integers(1, 6),
        st.lists(st.sampled_from(["MO", "WE", "FR", "SU"]), unique=True).map(lambda more: ",".join(["MO", *more])),
        st.sampled_from(["MO", "SU", "WE"]),
    ),
    st.builds("FREQ=MONTHLY;INTERVAL={}".format, st.integers(1, 14)),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYDAY=1MO".format, st.integers(1, 14)),
    st.builds("FREQ=YEARLY;INTERVAL={}".format, st.integers(1, 4)),
)
ENDS = st.one_of(st.just(""), st.builds(";COUNT={}".format, st.integers(1, 60)), st.just(";UNTIL=20300101"))


@settings(max_examples=80, deadline=None)
@given(RULES, ENDS, st.integers(0, 3000), st.integers(0, 400))
def test_any_window_of_a_series_has_the_days_of_its_rule(rule: str, end: str, ahead: int, length: int) -> None:
    low = START + timedelta(days=ahead)
    high = low + timedelta(days=length)
    meant = [one.date() for one in rrulestr(rule + end, dtstart=START).between(low, high, inc=True)]
    assert list(days(from_rule(rule + end, START, ZONE), low.date(), high.date())) == meant
