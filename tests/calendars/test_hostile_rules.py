"""Anybody may send an invitation: no rule, however it is made, keeps a worker or a page busy, or stops a calendar."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from calendars import queries
from calendars.models import Occurrence
from calendars.recurrence import MOST_OCCURRENCES, expand
from tests.calendars.conftest import MONDAY, Account, event, series, starts

OLD, NEW = datetime(1970, 1, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
LOW = datetime(2026, 5, 1, tzinfo=UTC)
HIGH = LOW + timedelta(days=545)
HOUR = timedelta(hours=1)
# Of CPU, where the longest honest series takes a tenth of it.
MOST_SECONDS = 0.5
EVERY_DAY = "MO,TU,WE,TH,FR,SA,SU"
HOURS, SIXTY = ",".join(map(str, range(24))), ",".join(map(str, range(60)))
PLACES = ",".join(f"{n}{day}" for n in range(-53, 54) if n for day in EVERY_DAY.split(","))
# As the standard writes them.
FORM = "%Y%m%dT%H%M%SZ"

RULES = {
    "every second for centuries": "FREQ=SECONDLY;UNTIL=99991231T235959Z",
    "a billion times": "FREQ=SECONDLY;COUNT=1000000000",
    "every second of a day in four years": "FREQ=SECONDLY;BYYEARDAY=366;BYHOUR=23",
    "every minute of no month": "FREQ=MINUTELY;BYMONTH=13",
    "the hundredth of sixty": "FREQ=MINUTELY;BYDAY=MO;BYSETPOS=100",
    "an hour of no day": "FREQ=HOURLY;BYHOUR=23;BYDAY=MO;BYYEARDAY=2;BYMONTH=1;BYMONTHDAY=1",
    "the second of one": "FREQ=DAILY;BYSETPOS=2",
    "the ninth of two": "FREQ=WEEKLY;BYSETPOS=9;BYDAY=MO,TU",
    "always another weekday": "FREQ=DAILY;INTERVAL=7;BYDAY=SU;BYHOUR=4",
    "the hours of another weekday": "FREQ=HOURLY;INTERVAL=168;BYDAY=WE",
    "a day that never comes": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYSETPOS=2",
    "every second of the year at once": f"FREQ=YEARLY;BYHOUR={HOURS};BYMINUTE={SIXTY};BYSECOND={SIXTY}",
    "every place of a year": f"FREQ=YEARLY;BYDAY={PLACES}",
    "the 53rd Monday of a month": f"FREQ=MONTHLY;BYDAY={PLACES}",
    "a leap second": "FREQ=DAILY;BYSECOND=60",
    "an hour that is none": "FREQ=DAILY;BYHOUR=25",
    "far from Easter": "FREQ=YEARLY;BYEASTER=400",
    "a number of thousands of digits": f"FREQ=DAILY;COUNT={'9' * 5000}",
    "a step across all time": "FREQ=YEARLY;INTERVAL=999999",
}


def _took(lines: list[str], start: datetime) -> tuple[float, int]:
    begun = time.process_time()
    pairs = expand(lines, start, start + HOUR, zone="Europe/Berlin", all_day=False, since=LOW, until=HIGH)
    return time.process_time() - begun, len(pairs)


@pytest.mark.parametrize("start", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_no_rule_costs_more_than_a_long_series(rule: str, start: datetime) -> None:
    seconds, count = _took([f"RRULE:{rule}"], start)
    assert seconds < MOST_SECONDS and count <= MOST_OCCURRENCES


def test_hundreds_of_rules_and_endless_lists_cost_no_more() -> None:
    moments = [NEW + timedelta(days=n) for n in range(100_000)]
    listed = ",".join(f"{at:{FORM}}" for at in moments)
    seconds, count = _took(["RRULE:FREQ=DAILY", f"EXDATE;TZID=Europe/Berlin:{listed.replace('Z', '')}"], OLD - HOUR)
    assert seconds < MOST_SECONDS and count == (NEW - LOW).days  # up to the first that is excluded
    for lines in (
        ["RRULE:FREQ=SECONDLY"] * 500,
        [f"RDATE:{listed}"] * 3,
        ["RRULE:FREQ=YEARLY", "EXRULE:FREQ=SECONDLY"],
    ):
        seconds, count = _took(lines, OLD)
        assert seconds < MOST_SECONDS and count <= MOST_OCCURRENCES


def test_a_calendar_with_such_invitations_is_synced_and_shown(ada: User, google: Account) -> None:
    hostile = [replace(series(rule=rule), id=f"s{n}", ical_uid=f"s{n}") for n, rule in enumerate(RULES.values())]
    begun = time.process_time()
    google.sync(event("honest"), *hostile)
    assert MONDAY in starts(ada)
    items = queries.agenda(ada, MONDAY + timedelta(days=2000), MONDAY + timedelta(days=2031))
    assert time.process_time() - begun < len(RULES) * MOST_SECONDS
    assert len(items) <= len(RULES) * MOST_OCCURRENCES
    assert Occurrence.objects.count() <= len(RULES) * MOST_OCCURRENCES


def test_an_endless_list_of_cancelled_days_is_looked_up_in_a_few_queries(
    microsoft: Account, django_assert_max_num_queries: object
) -> None:
    listed = ",".join(f"{MONDAY + timedelta(days=n):{FORM}}" for n in range(100_000))
    master = series(rule="FREQ=WEEKLY", lists_occurrences=True)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        microsoft.sync(replace(master, recurrence=(*master.recurrence, f"EXDATE:{listed}")))
