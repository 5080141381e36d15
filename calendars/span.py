"""What a calendar page shows: a view around a day, its days, and where "previous" and "next" lead. Reads no event."""

from __future__ import annotations

import enum
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from accounts.clock import DAYS, MONTHS, Clock

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
AGENDA_DAYS = 28
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class View(enum.StrEnum):
    """How much is shown at once. The agenda is a list of four weeks, from its day on."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a view shows: from ``first`` to ``last``, which is not among them."""

    view: View
    day: date
    clock: Clock

    @property
    def first(self) -> date:
        if self.view is View.MONTH:
            return self.clock.start_of_week(self.day.replace(day=1))
        return self.clock.start_of_week(self.day) if self.view is View.WEEK else self.day

    @property
    def last(self) -> date:
        if self.view is View.MONTH:
            return self.clock.start_of_week(month_end(self.day)) + timedelta(days=7)
        return self.first + timedelta(days={View.WEEK: 7, View.DAY: 1, View.AGENDA: AGENDA_DAYS}[self.view])

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days)]

    def path(self, *, view: View | None = None, day: date | None = None) -> str:
        """The address of this span, or of one that differs from it."""
        query = {"view": (view or self.view).value, "date": (day or self.day).isoformat()}
        return f"/calendar/?{urlencode(query)}"

    def step(self, by: int) -> date | None:
        """The day that ``by`` spans further is about; None where the calendar ends."""
        day = add_months(self.day, by) if self.view is View.MONTH else self.day + by * (self.last - self.first)
        return day if EARLIEST <= day <= LATEST else None

    @property
    def month(self) -> str:
        """The month in the heading; two where the span lies across them."""
        if self.view is View.MONTH:
            return MONTHS[self.day.month - 1]
        if self.view is View.DAY:
            return f"{self.day.day} {MONTHS[self.day.month - 1]}"
        end = self.last - timedelta(days=1)
        if end.month == self.first.month:
            return MONTHS[self.first.month - 1]
        return f"{MONTHS[self.first.month - 1][:3]} – {MONTHS[end.month - 1][:3]}"

    @property
    def month_short(self) -> str:
        """The same where there is little room."""
        return self.month if " – " in self.month else " ".join(w[:3] for w in self.month.split())

    @property
    def year(self) -> str:
        return str(self.day.year if self.view is View.MONTH else (self.last - timedelta(days=1)).year)

    @property
    def detail(self) -> str:
        """What the heading adds: the number of the week, or the day's name."""
        if self.view is View.WEEK:
            return f"Week {(self.first + timedelta(days=3)).isocalendar().week}"
        return DAYS[self.day.weekday()] if self.view is View.DAY else ""

    @property
    def title(self) -> str:
        return f"{self.detail}, {self.month} {self.year}" if self.detail else f"{self.month} {self.year}"


def read(view: str, day: str, clock: Clock) -> Span:
    """The span of an address. What cannot be read is the week and today; a day out of reach is the nearest."""
    chosen = View(view) if view in set(View) else View.WEEK
    return Span(chosen, min(max(parse_date(day) or clock.today, EARLIEST), LATEST), clock)


def parse_date(text: str) -> date | None:
    """``YYYY-MM-DD``, or None."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def month_end(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
