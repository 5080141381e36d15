"""Today at a glance: the next event, the agenda of today and tomorrow, unread mail, and what is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from accounts.clock import Clock
from accounts.models import User
from calendars import queries as calendar
from calendars.queries import Item
from dashboard.words import counted, day, duration
from integrations import queries as integrations
from integrations.models import Change
from integrations.models.connection import State
from integrations.records import Answer, Service
from mail.queries import mailboxes, threads
from mail.queries.selection import BOXES, Selection

# As many as fit one screen; among how many of the newest conversations unread ones are looked for.
MOST_TODAY, MOST_TOMORROW, MOST_MAIL = 7, 4, 6
LOOKED_AT = 100
SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the agenda."""

    title: str
    time: str
    iso: str
    where: str
    href: str
    colour: str
    calendar: str
    next: bool


@dataclass(frozen=True, slots=True)
class Next:
    """The event that comes next or is going on."""

    title: str
    label: str
    countdown: str
    time: str
    where: str
    join: str
    href: str
    colour: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work, and where it is mended."""

    text: str
    why: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class Day:
    """All of the page, in words."""

    date: str
    now: str
    fresh: str
    next: Next | None
    today: tuple[Entry, ...]
    more_today: str
    tomorrow: tuple[Entry, ...]
    more_tomorrow: str
    day_href: str
    tomorrow_href: str
    mail: tuple[threads.Row, ...]
    unread: str
    has_mail: bool
    has_calendar: bool
    arriving: str
    troubles: tuple[Trouble, ...]


def day_of(user: User, clock: Clock, statuses: list[integrations.ConnectionStatus], refused: Iterable[Change]) -> Day:
    """A fixed number of queries."""
    start = datetime.combine(clock.now.date(), time(), clock.zone)
    middle = datetime.combine(clock.now.date() + timedelta(days=1), time(), clock.zone)
    end = datetime.combine(clock.now.date() + timedelta(days=2), time(), clock.zone)
    items = [i for i in calendar.agenda(user, start, end) if i.answer != Answer.DECLINED]
    coming = _coming(items, clock.now)
    left = [i for i in items if _on(i, start, middle) and (i.all_day or i.ends_at > clock.now)]
    tomorrow = [i for i in items if _on(i, middle, end)]
    boxes = mailboxes.of_user(user)
    newest = threads.page(user, boxes, Selection(BOXES["inbox"]), clock, size=LOOKED_AT).rows
    unread = boxes.unread()
    services = [s for status in statuses for s in status.services]
    fresh = [s.fresh_at for s in services if s.fresh_at and s.state in ("current", "syncing")]
    walking = [s for s in services if s.state in ("waiting", "first")]
    return Day(
        date=day(clock.now),
        now=clock.time(clock.now),
        fresh=f"Up to date {clock.ago(min(fresh))}" if fresh else "",
        next=_next(coming, clock) if coming else None,
        today=tuple(_entry(i, clock, coming) for i in left[:MOST_TODAY]),
        more_today=_more(left, MOST_TODAY),
        tomorrow=tuple(_entry(i, clock, coming, middle) for i in tomorrow[:MOST_TOMORROW]),
        more_tomorrow=_more(tomorrow, MOST_TOMORROW),
        day_href=_href(start),
        tomorrow_href=_href(middle),
        mail=tuple([row for row in newest if row.unread][:MOST_MAIL]),
        unread=f"{unread:,} unread" if unread else "",
        has_mail=bool(newest),
        has_calendar=any(s.service == Service.CALENDAR and s.collections for s in services),
        arriving="First sync under way; what is here is not all of it yet." if walking else "",
        troubles=_troubles(statuses, refused, clock),
    )


def _on(item: Item, start: datetime, end: datetime) -> bool:
    if item.all_day:
        return item.starts_at.date() <= start.date() < item.ends_at.date()
    return item.starts_at < end and (item.ends_at > start or item.starts_at >= start)


def _coming(items: list[Item], now: datetime) -> Item | None:
    """What one is in, if it began a moment ago; else what starts next."""
    timed = [i for i in items if not i.all_day and i.ends_at > now and i.starts_at - now < SOON]
    return min(timed, key=lambda i: (i.starts_at < now - timedelta(minutes=10), i.starts_at), default=None)


def _next(item: Item, clock: Clock) -> Next:
    under_way = item.starts_at <= clock.now
    return Next(
        title=item.title or "No title",
        label="Now, for another" if under_way else "Next, in",
        countdown=duration((item.ends_at if under_way else item.starts_at) - clock.now),
        time=f"{clock.time(item.starts_at)}–{clock.time(item.ends_at)}",
        where=item.location,
        join=item.meeting_url if item.meeting_url.startswith(("https://", "http://")) else "",
        href=_href(item.starts_at.astimezone(clock.zone)),
        colour=item.calendar.connection.colour,
        calendar=item.calendar.connection.display_name,
    )


def _entry(item: Item, clock: Clock, coming: Item | None, start: datetime | None = None) -> Entry:
    begins = "All day" if item.all_day else clock.time(item.starts_at)
    if not item.all_day and item.starts_at < (start or datetime.combine(clock.now.date(), time(), clock.zone)):
        begins = "Goes on"
    until = "" if item.all_day else f"Until {clock.time(item.ends_at)}"
    return Entry(
        title=item.title or "No title",
        time=begins,
        iso=item.starts_at.isoformat(),
        where=", ".join(filter(None, (until, item.location or ("Video" if item.meeting_url else "")))),
        href=_href(start or clock.now),
        colour=item.calendar.connection.colour,
        calendar=f"{item.calendar.connection.display_name}, {item.calendar.name}",
        next=item is coming,
    )


def _more(items: list[Item], most: int) -> str:
    return f"{len(items) - most} more" if len(items) > most else ""


def _href(moment: datetime) -> str:
    return f"/calendar/?view=day&date={moment:%Y-%m-%d}"


def _troubles(
    statuses: list[integrations.ConnectionStatus], refused: Iterable[Change], clock: Clock
) -> tuple[Trouble, ...]:
    found = []
    for status in statuses:
        row = status.connection
        href = f"/integrations/#c-{row.pk}"
        if row.state == State.RECONNECT:
            since = f"{row.display_name} stopped at {clock.whole(row.state_since)}."
            why = f"{row.provider_spec.name} stopped accepting our access."
            found.append(Trouble(since, why, href, "Reconnect"))
        elif row.state == State.UNREADABLE:
            why = "The keys on this machine cannot open our access to it."
            found.append(Trouble(f"{row.display_name} cannot be read.", why, href, "See why"))
        elif failing := next((s for s in status.services if s.state == "failing" and not s.put_off_until), None):
            found.append(Trouble(f"{row.display_name} has trouble.", failing.error, href, "See more"))
        elif silent := next((s for s in status.services if s.state == "stale"), None):
            found.append(Trouble(f"{row.display_name} went quiet.", silent.remedy, href, "See more"))
    edits = len(list(refused))
    if edits:
        text = f"{counted(edits, 'edit was', 'edits were')} refused."
        found.append(Trouble(text, "Send again or give up, one by one.", "/outbox/", "Decide"))
    return tuple(found)
