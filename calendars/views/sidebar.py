"""The side pane: a month of links, and each account with its calendars and their switches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import User
from calendars.models import Calendar
from calendars.span import EARLIEST, LATEST, Span, View, add_months
from integrations.models import Collection, Connection
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.records import Service


@dataclass(frozen=True, slots=True)
class MiniDay:
    number: int
    path: str
    name: str
    outside: bool
    today: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Mini:
    """The month of the day that is shown, week by week; ``shown`` marks the weeks in view."""

    name: str
    heads: list[tuple[str, str]]
    weeks: list[tuple[bool, list[MiniDay]]]
    earlier: str
    later: str


@dataclass(slots=True)
class Account:
    """A connection with its calendars."""

    connection: Connection
    calendars: list[Calendar] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        return self.connection.state in (State.RECONNECT, State.UNREADABLE)


def mini(span: Span) -> Mini:
    """Its days lead to the same view around them; from the month to the day."""
    clock = span.clock
    first = clock.start_of_week(span.day.replace(day=1))
    view = View.DAY if span.view is View.MONTH else span.view
    weeks = []
    for week in range(6):
        begins = first + timedelta(days=7 * week)
        days = [_mini_day(begins + timedelta(days=n), span, view) for n in range(7)]
        weeks.append((span.view is View.WEEK and begins == span.first, days))
    heads = [(f"{first + timedelta(days=n):%A}", f"{first + timedelta(days=n):%A}"[:1]) for n in range(7)]
    return Mini(f"{span.day:%B %Y}", heads, weeks, _month(span, -1), _month(span, 1))


def _mini_day(day: date, span: Span, view: View) -> MiniDay:
    return MiniDay(
        day.day,
        span.path(view=view, day=day),
        f"{day.day} {day:%B %Y}",
        day.month != span.day.month,
        day == span.clock.today,
        day == span.day and span.view in (View.DAY, View.AGENDA),
    )


def _month(span: Span, by: int) -> str:
    day = add_months(span.day, by)
    return span.path(day=day) if EARLIEST <= day <= LATEST else ""


def accounts(calendars: Iterable[Calendar]) -> list[Account]:
    """In the order of the calendars."""
    found: dict[object, Account] = {}
    for calendar in calendars:
        found.setdefault(calendar.connection_id, Account(calendar.connection)).calendars.append(calendar)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Arriving:
    """How far the calendars of a user have come. ``accounts`` counts those that have calendars at all.

    ``off`` names those whose calendars the user chose and the provider does not let us read: nothing of them comes.
    """

    accounts: int
    words: str
    off: str = ""


def arriving(user: User) -> Arriving:
    """Two queries: the accounts with calendars, and the first syncs that are under way."""
    connections = Connection.objects.filter(user=user).exclude(state=State.DISCONNECTING)
    mine = {c.pk: c for c in connections if Service.CALENDAR in c.chosen_services}
    coming = {pk for pk, c in mine.items() if c.state == State.ACTIVE and Service.CALENDAR in c.services}
    off = ", ".join(c.display_name for c in mine.values() if Service.CALENDAR not in c.services)
    rows = list(Collection.objects.filter(connection__in=list(mine), service=Service.CALENDAR.value, enabled=True))
    walking = [row for row in rows if row.phase == Phase.FIRST and not row.is_list]
    names = {row.connection_id for row in walking} | (mine.keys() - {r.connection_id for r in rows if not r.is_list})
    working = [c.display_name for pk, c in mine.items() if pk in names & coming]
    if not working:
        return Arriving(len(mine), "", off)
    walked = sum(row.walked for row in walking)
    return Arriving(len(mine), f"{', '.join(working)}: {f'{walked:,} events so far' if walked else 'starting'}", off)
