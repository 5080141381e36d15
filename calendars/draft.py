"""The form of an event: read, checked and compared with what its reader saw. What is done with it is left to views.

Times are on the wall clock of the form's zone; the day on which an all-day event ends is its last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.clock import Clock
from calendars import presets
from calendars.models import Event
from calendars.moves import Moment, following, moment_text, shifted
from calendars.presets import Repeat
from calendars.reading import plain
from calendars.recurrence import known_zone
from calendars.span import EARLIEST, LATEST, parse_date
from calendars.store.edits import fields_of

LONGEST, LONGEST_NOTES, MOST_GUESTS = 500, 20_000, 200
_SALT = "calendars.draft"
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
_TIMES = ("all_day", "start_day", "start_time", "end_day", "end_time", "zone")


@dataclass(slots=True)
class Draft:
    """The fields of a form as text, with what is wrong in words."""

    title: str = ""
    all_day: bool = False
    start_day: str = ""
    start_time: str = ""
    end_day: str = ""
    end_time: str = ""
    zone: str = "UTC"
    place: str = ""
    notes: str = ""
    guests: str = ""
    tell: bool = True
    repeat: str = Repeat.NEVER
    until: str = ""
    whole: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def span(self) -> tuple[Moment, Moment] | None:
        """Start and end, the end of whole days excluded; None where they cannot be read, which is said."""
        days = parse_date(self.start_day), parse_date(self.end_day)
        if days[0] is None or not EARLIEST <= days[0] <= LATEST:
            self.errors["start"] = "Give a day, as 2026-11-23."
            return None
        first, last = days[0], days[1] or days[0]
        if self.all_day:
            if last < first:
                self.errors["end"] = "It ends before it begins."
                return None
            return first, last + timedelta(days=1)
        start, end = _at(first, self.start_time, self.zone), _at(last, self.end_time, self.zone)
        if start is None or end is None:
            self.errors["start" if start is None else "end"] = "Give a time, as 14:30."
            return None
        if end < start:
            self.errors["end"] = "It ends before it begins."
            return None
        return start, end

    @property
    def addresses(self) -> list[str]:
        return list(dict.fromkeys(part for part in re.split(r"[\s,;]+", self.guests) if part))


def blank(clock: Clock, start: datetime | None, end: datetime | None, *, all_day: bool) -> Draft:
    """A new event's form, at the wall-clock times that were pointed at, or in the next hour of today."""
    begins = start or clock.now.replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    ends = end or begins + (timedelta(days=1) if all_day else timedelta(hours=1))
    draft = Draft(zone=str(clock.zone), all_day=all_day)
    _put(draft, begins, ends)
    return draft


def of_event(event: Event, at: datetime, series: Event | None, clock: Clock) -> Draft:
    """An event's form at one of its times, in the zone in which it was made."""
    zone = known_zone(event.time_zone)
    if zone.key == "UTC" and series is None:
        zone = ZoneInfo(str(clock.zone))
    own = Clock(zone, clock.now)
    draft = Draft(zone=zone.key, all_day=event.all_day, title=event.title, place=event.location)
    ends = at + (event.ends_at - event.starts_at)
    _put(draft, own.wall(at, all_day=event.all_day), own.wall(ends, all_day=event.all_day))
    draft.notes = plain(event.description) if event.description_is_html else event.description
    draft.guests = ", ".join(a["email"] for a in event.attendees if not (a.get("me") or a.get("organizer")))
    rule = series or event
    first = rule.starts_at.astimezone(UTC if rule.all_day else zone).date()
    repeat, until = presets.read(rule.recurrence, first, zone.key)
    draft.repeat, draft.until = repeat, until.isoformat() if until else ""
    return draft


def read(post: Mapping[str, str]) -> Draft:
    """A form that was sent. Its times are checked by ``fields``, the rest here."""

    def said(name: str, most: int = LONGEST) -> str:
        return post.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip()[:most]

    draft = Draft(all_day=post.get("all_day") == "1", tell=post.get("tell") == "1", whole=post.get("scope") == "all")
    draft.title, draft.place, draft.notes = said("title"), said("place"), said("notes", LONGEST_NOTES)
    draft.start_day, draft.start_time = said("start_day"), said("start_time")
    draft.end_day, draft.end_time = said("end_day"), said("end_time")
    draft.zone = said("zone") if said("zone") in available_timezones() else "UTC"
    draft.guests = said("guests", LONGEST_NOTES)
    draft.repeat = said("repeat") if said("repeat") in set(Repeat) else Repeat.NEVER
    draft.until = said("until") if draft.repeat not in (Repeat.NEVER, Repeat.CUSTOM) else ""
    if draft.until and parse_date(draft.until) is None:
        draft.errors["until"] = "Give a day, as 2026-11-23."
    for address in draft.addresses:
        try:
            validate_email(address)
        except ValidationError:
            draft.errors["guests"] = f"{address} is no e-mail address."
    if len(draft.addresses) > MOST_GUESTS:
        draft.errors["guests"] = f"At most {MOST_GUESTS} people can be invited."
    return draft


def new_fields(draft: Draft) -> dict[str, Any]:
    """What a new event is to be; empty where something is wrong, which is said."""
    span = draft.span()
    if span is None or draft.errors:
        return {}
    fields: dict[str, Any] = {"title": draft.title, "start": moment_text(span[0]), "end": moment_text(span[1])}
    fields["time_zone"] = draft.zone
    optional = {"location": draft.place, "description": draft.notes, "attendees": draft.addresses}
    optional["recurrence"] = _lines(draft)
    return fields | {name: value for name, value in optional.items() if value}


def changes(
    draft: Draft, was: Draft, event: Event, at: datetime, *, whole: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that the reader changed, and what these said; of a whole series as its first occurrence has them.

    Both are empty where something is wrong, which is said.
    """
    there = fields_of(event)
    if not whole:
        there |= _span_text(at, at + (event.ends_at - event.starts_at), all_day=event.all_day)
    fields: dict[str, Any] = {}
    if draft.title != was.title:
        fields["title"] = draft.title
    if draft.place != was.place:
        fields["location"] = draft.place
    if draft.notes != was.notes:
        fields["description"] = draft.notes
    if draft.addresses != was.addresses:
        kept = [a["email"] for a in event.attendees if a.get("me") or a.get("organizer")]
        fields["attendees"] = [*kept, *draft.addresses]
    if any(getattr(draft, name) != getattr(was, name) for name in _TIMES):
        fields |= _times(draft, was, event, at, whole=whole)
    if (draft.repeat, draft.until) != (was.repeat, was.until) and (whole or not event.series_id):
        fields["recurrence"] = _lines(draft)
    return ({}, {}) if draft.errors else (fields, {name: there[name] for name in fields})


def seal(draft: Draft) -> str:
    """What the reader saw, to come back with the form: so only what they changed is sent."""
    return signing.dumps(asdict(draft), salt=_SALT, compress=True)


def unseal(text: str) -> Draft | None:
    """None for what is none of ours."""
    try:
        return Draft(**signing.loads(text, salt=_SALT))
    except (signing.BadSignature, TypeError):
        return None


def _times(draft: Draft, was: Draft, event: Event, at: datetime, *, whole: bool) -> dict[str, Any]:
    span = draft.span()
    if span is None:
        return {}
    start, end = span
    found: dict[str, Any] = {"time_zone": draft.zone} if draft.zone != was.zone or event.all_day else {}
    if whole:
        start, end = shifted(event, at, start, end, ZoneInfo(draft.zone))
        rule = following(event, start)
        if rule is None:
            draft.errors["start"] = "This series names its days. Move one event of it, or choose how it repeats anew."
        elif rule != list(event.recurrence):
            found["recurrence"] = rule
    return {"start": moment_text(start), "end": moment_text(end), **found}


def _span_text(start: datetime, end: datetime, *, all_day: bool) -> dict[str, Any]:
    ends = (at.astimezone(UTC) for at in (start, end))
    return dict(zip(("start", "end"), (moment_text(at.date() if all_day else at) for at in ends), strict=True))


def _lines(draft: Draft) -> list[str]:
    return presets.lines(Repeat(draft.repeat), parse_date(draft.until), draft.zone, all_day=draft.all_day)


def _put(draft: Draft, start: datetime, end: datetime) -> None:
    last = max(start, end - timedelta(days=1)) if draft.all_day else end
    draft.start_day, draft.end_day = start.date().isoformat(), last.date().isoformat()
    if not draft.all_day:
        draft.start_time, draft.end_time = f"{start:%H:%M}", f"{end:%H:%M}"


def _at(day: date, clock: str, zone: str) -> datetime | None:
    match = _CLOCK.fullmatch(clock)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return datetime.combine(day, time(int(match[1]), int(match[2])), ZoneInfo(zone)).astimezone(UTC)
