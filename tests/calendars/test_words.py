"""How often a series repeats, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.clock import Clock
from calendars.models import Event
from calendars.repeats import in_words

CLOCK = Clock(UTC, datetime(2026, 11, 23, tzinfo=UTC))
SERIES = Event(starts_at=datetime(2026, 11, 24, 9, tzinfo=UTC), time_zone="UTC")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "Every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=10", "Every 3 days, 10 times"),
        ("FREQ=WEEKLY", "Every week on Tuesday"),
        ("FREQ=WEEKLY;BYDAY=FR,MO,WE", "Every week on Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every week on weekdays"),
        ("FREQ=MONTHLY", "Every month on the 24th"),
        ("FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "Every month on the last Friday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "Every month on the 1st and last day"),
        ("FREQ=YEARLY", "Every year on 24 November"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=12", "Every year on 12 March"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "Every year on the last Sunday of March"),
        ("FREQ=WEEKLY;UNTIL=20270301T225959Z", "Every week on Tuesday, until 1 March 2027"),
        ("FREQ=HOURLY;INTERVAL=2", "Every 2 hours"),
        ("FREQ=SOMETIMES", "Repeats"),
        ("FREQ=DAILY;INTERVAL=x", "Repeats"),
        ("FREQ=MONTHLY;BYMONTHDAY=a", "Repeats"),
    ],
)
def test_rules_in_words(rule: str, words: str) -> None:
    assert in_words([f"RRULE:{rule}"], CLOCK, SERIES) == words


def test_dates_alone_repeat_and_nothing_does_not() -> None:
    assert in_words(["RDATE:20261124T090000Z"], CLOCK, SERIES) == "Repeats"
    assert in_words([], CLOCK, SERIES) == ""
