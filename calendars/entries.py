"""Agenda items as a page shows them: wall clock times, words and classes, computed once for grid and list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from accounts.clock import Clock
from calendars.queries import Item
from calendars.queries.edits import Key, instance_key
from integrations.models.change import ChangeState
from integrations.records import Answer, Showing

UNTITLED = "Untitled"
# A title longer than this fits no page; the whole one is at its event.
MOST_TITLE = 200
SHORT = timedelta(minutes=40)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item. ``start`` and ``end`` are the reader's wall clock; of an all-day one midnights, the last excluded."""

    path: str
    title: str
    start: datetime
    end: datetime
    all_day: bool
    time: str
    place: str
    colour: str
    account: str
    classes: str
    note: str
    icon: str
    repeats: bool
    conflict: bool
    editable: bool
    move: str

    @property
    def lasts_days(self) -> bool:
        """Whether it belongs among the all-day ones: it takes a day or more."""
        return self.all_day or self.end - self.start >= timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry on one of its days, with the time that matters there."""

    entry: Entry
    time: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the list."""

    date: date
    name: str
    path: str
    today: bool
    lines: tuple[Line, ...]


def entries(items: Sequence[Item], clock: Clock, unsettled: Mapping[Key, str] | None = None) -> list[Entry]:
    """In the order of the items, which is by start. ``unsettled``: see ``queries.edits``."""
    clashing = _conflicts(items)
    return [_entry(item, clock, n in clashing, _edited(item, unsettled or {})) for n, item in enumerate(items)]


def _edited(item: Item, unsettled: Mapping[Key, str]) -> str:
    """The state of an edit of an item: waiting, being sent, refused, or none."""
    where = item.calendar.connection_id, item.calendar.provider_id
    start = item.starts_at.astimezone(UTC)
    instance = instance_key(item.provider_id, start.date().isoformat() if item.all_day else start.isoformat())
    return unsettled.get((*where, item.provider_id)) or unsettled.get((*where, instance), "")


def days(found: Iterable[Entry], shown: Sequence[date], clock: Clock) -> list[Day]:
    """The days among ``shown`` on which something takes place, and today."""
    lines: dict[date, list[tuple[bool, Line]]] = {day: [] for day in shown}
    for entry in found:
        for day in _days_of(entry, shown):
            lines[day].append((entry.lasts_days, Line(entry, _time_on(entry, day, clock))))
    return [
        Day(
            day,
            clock.day(day),
            f"/calendar/?view=day&date={day.isoformat()}",
            day == clock.today,
            tuple(line for _, line in sorted(on, key=lambda o: not o[0])),
        )
        for day, on in lines.items()
        if on or day == clock.today
    ]


def at(instant: datetime) -> str:
    """An instant as an address names it."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _entry(item: Item, clock: Clock, conflict: bool, edit: str) -> Entry:
    start = clock.wall(item.starts_at, all_day=item.all_day)
    end = clock.wall(item.ends_at, all_day=item.all_day)
    if end < start or (end == start and item.ends_at > item.starts_at):
        # The clocks went back in between; shown as long as it is.
        end = start + (item.ends_at - item.starts_at)
    if item.all_day and end <= start:
        end = start + timedelta(days=1)
    note, icon = _note(item, edit)
    query = f"?at={at(item.starts_at)}"
    return Entry(
        path=f"/calendar/event/{item.event_id}/{query}",
        title=item.title.strip()[:MOST_TITLE] or UNTITLED,
        start=start,
        end=end,
        all_day=item.all_day,
        time="" if item.all_day else clock.hours(start, end),
        place="Video" if item.meeting_url and not item.location else item.location.strip()[:MOST_TITLE],
        colour=item.calendar.connection.colour,
        account=item.calendar.connection.display_name,
        classes=_classes(item, start, end, clock, edit),
        note=note,
        icon=icon,
        repeats=item.repeats,
        conflict=conflict,
        # What lasts days by the hour is drawn as whole days, where its hours could not be kept.
        editable=item.editable and item.all_day == (item.all_day or end - start >= timedelta(days=1)),
        move=f"/calendar/event/{item.event_id}/move/{query}",
    )


def _classes(item: Item, start: datetime, end: datetime, clock: Clock, edit: str) -> str:
    now = clock.now.replace(tzinfo=None)
    names = ["ev", f"acct-{item.calendar.connection.colour}"]
    if end <= now and start < now:
        names.append("is-past")
    if item.asked:
        names.append("is-asked")
    elif item.answer == Answer.TENTATIVE or item.showing == Showing.TENTATIVE:
        names.append("is-maybe")
    if item.answer == Answer.DECLINED:
        names.append("is-declined")
    if edit:
        names.append("is-refused" if edit == ChangeState.REFUSED else "is-sending")
    if not item.all_day and end - start <= SHORT:
        names.append("is-short")
    return " ".join(names)


def _note(item: Item, edit: str) -> tuple[str, str]:
    if edit:
        return ("Not saved", "triangle-alert") if edit == ChangeState.REFUSED else ("Being saved", "clock")
    if item.asked:
        return "Invited", "mail"
    if item.answer == Answer.DECLINED:
        return "Declined", "x"
    if item.others:
        return f"in {len(item.others) + 1} calendars", "layers"
    return "", ""


def _conflicts(items: Sequence[Item]) -> set[int]:
    """The items that begin while an earlier one, on which their owner counts too, is still going on."""
    found: set[int] = set()
    busy_until = datetime.min.replace(tzinfo=UTC)
    for n, item in enumerate(items):
        free = item.all_day or item.showing in (Showing.FREE, Showing.ELSEWHERE) or item.answer == Answer.DECLINED
        if free or item.ends_at <= item.starts_at:
            continue
        if item.starts_at < busy_until:
            found.add(n)
        busy_until = max(busy_until, item.ends_at)
    return found


def _days_of(entry: Entry, shown: Sequence[date]) -> Iterator[date]:
    first = entry.start.date()
    last = max((entry.end - timedelta(microseconds=1)).date(), first)
    low, high = max(first, shown[0]), min(last, shown[-1])
    while low <= high:
        yield low
        low += timedelta(days=1)


def _time_on(entry: Entry, day: date, clock: Clock) -> str:
    if entry.all_day:
        return "All day"
    begins, ends = entry.start.date() == day, (entry.end - timedelta(microseconds=1)).date() <= day
    if begins and ends:
        return entry.time
    if begins:
        return f"from {clock.hour(entry.start)}"
    return f"until {clock.hour(entry.end)}" if ends else "All day"
