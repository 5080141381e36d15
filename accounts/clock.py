"""Times as a person reads them: short in a list, whole over a message, by the day in a calendar.

In the reader's zone and on their clock. A *wall* time is what a clock on their wall shows: a datetime without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from accounts.models import User

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A reader's zone and habits, and what time it is for them. ``week_start`` counts from Sunday, 0."""

    zone: tzinfo
    now: datetime
    hour12: bool = False
    week_start: int = 1

    @classmethod
    def of(cls, user: User, now: datetime) -> Clock:
        return cls(user.zone, now.astimezone(user.zone), user.hour12, user.week_start)

    @property
    def today(self) -> date:
        return self.now.date()

    def midnight(self, day: date) -> datetime:
        """When a day begins here."""
        return datetime.combine(day, time(), self.zone)

    def wall(self, instant: datetime, *, all_day: bool = False) -> datetime:
        """What a clock on the wall shows then, without a zone. An all-day time is its date's midnight everywhere."""
        try:
            return instant.astimezone(UTC if all_day else self.zone).replace(tzinfo=None)
        except OverflowError:  # hours before the first year, or after the last
            return instant.replace(tzinfo=None)

    def time(self, instant: datetime) -> str:
        """09:12, or 9:12 AM, of an instant."""
        return self.hour(self.wall(instant))

    def hour(self, wall: datetime) -> str:
        """09:12, or 9:12 AM, of a wall time."""
        if self.hour12:
            return f"{wall.hour % 12 or 12}:{wall.minute:02} {'AM' if wall.hour < 12 else 'PM'}"
        return f"{wall.hour:02}:{wall.minute:02}"

    def hours(self, start: datetime, end: datetime) -> str:
        """09:00–10:30; the end alone with its half of the day, where both are in the same."""
        if start == end:
            return self.hour(start)
        first, last = self.hour(start), self.hour(end)
        if self.hour12 and first[-2:] == last[-2:]:
            first = first[:-3]
        return f"{first}–{last}"

    def day(self, of: date) -> str:
        """Monday 23 November, with the year where it is another."""
        return f"{DAYS[of.weekday()]} {self.day_of_month(of)}"

    def day_of_month(self, of: date) -> str:
        """23 November, with the year where it is another."""
        return long_date(of) if of.year != self.now.year else f"{of.day} {MONTHS[of.month - 1]}"

    def start_of_week(self, day: date) -> date:
        """The day on which the week of ``day`` begins."""
        return day - timedelta(days=(day.isoweekday() - self.week_start) % 7)

    def short(self, instant: datetime) -> str:
        """The time today, the weekday within a week, else the date."""
        return self.time(instant) if self._days_since(instant) == 0 else self._near_day(instant)

    def whole(self, instant: datetime) -> str:
        """Day and time: what a list leaves out."""
        hour = self.time(instant)
        return hour if self._days_since(instant) == 0 else f"{self._near_day(instant)} {hour}"

    def short_date(self, instant: datetime) -> str:
        """18 Nov, with the year where it is another."""
        local = self.wall(instant)
        day = f"{local.day} {MONTHS[local.month - 1][:3]}"
        return day if local.year == self.now.year else f"{day} {local.year}"

    def ago(self, instant: datetime | None) -> str:
        """How fresh something is."""
        if instant is None:
            return "not yet"
        passed = self.now - instant
        if passed < timedelta(seconds=90):
            return "just now"
        if passed < timedelta(hours=1):
            return f"{passed // timedelta(minutes=1)} min ago"
        if passed < timedelta(hours=24):
            return f"{passed // timedelta(hours=1)} h ago"
        return self.short_date(instant)

    def _days_since(self, instant: datetime) -> int:
        return (self.today - self.wall(instant).date()).days

    def _near_day(self, instant: datetime) -> str:
        """The weekday within a week, else the date."""
        near = 0 < self._days_since(instant) < 7
        return DAYS[self.wall(instant).weekday()][:3] if near else self.short_date(instant)


def long_date(of: date) -> str:
    """23 November 2026."""
    return f"{of.day} {MONTHS[of.month - 1]} {of.year}"
