"""An event in words: when, where, with whom, how often. What its page shows, computed once; reads no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString

from accounts.clock import Clock
from calendars.entries import UNTITLED
from calendars.models import Calendar
from calendars.queries import Found
from calendars.reading import html_description, text_description
from calendars.recurrence import known_zone
from calendars.repeats import in_words
from integrations.records import Answer, Showing

MOST_PEOPLE = 200
_ANSWERS = {
    Answer.ACCEPTED: ("Accepted", "check"),
    Answer.DECLINED: ("Declined", "x"),
    Answer.TENTATIVE: ("Maybe", "clock"),
    Answer.ORGANIZER: ("Organiser", "user"),
}
_SHOWING = {
    Showing.FREE: "Shown as free",
    Showing.TENTATIVE: "Tentative",
    Showing.OUT_OF_OFFICE: "Out of office",
    Showing.ELSEWHERE: "Working elsewhere",
}


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    answer: str
    icon: str
    facts: str


@dataclass(frozen=True, slots=True)
class Details:
    """What is said about an event. Empty text is not shown."""

    title: str
    day: date
    when: str
    zone_note: str
    place: str
    join_url: str
    web_url: str
    provider: str
    calendar: Calendar
    others: tuple[Calendar, ...]
    organiser: str
    people: tuple[Person, ...]
    more_people: int
    answers: str
    my_answer: str
    repeats: str
    reminders: str
    showing: str
    private: bool
    description: SafeString


def details(found: Found, clock: Clock) -> Details:
    """For the owner's eyes, on their clock."""
    event = found.event
    start = clock.wall(found.starts_at, all_day=event.all_day)
    series = found.series
    read = html_description if event.description_is_html else text_description
    organiser = event.organizer_name or event.organizer_email
    return Details(
        title=event.title.strip() or UNTITLED,
        day=start.date(),
        when=when(found.starts_at, found.ends_at, clock, all_day=event.all_day),
        zone_note=_elsewhere(found, clock),
        place=event.location.strip(),
        join_url=_https(event.meeting_url),
        web_url=_https(event.web_url),
        provider=event.calendar.connection.provider_spec.name,
        calendar=event.calendar,
        others=found.calendars[1:],
        organiser="You" if event.my_answer == Answer.ORGANIZER else organiser,
        people=tuple(_person(a) for a in event.attendees[:MOST_PEOPLE]),
        more_people=max(len(event.attendees) - MOST_PEOPLE, 0),
        answers=_answers(event.attendees),
        my_answer="You have not answered" if event.asked else _mine(event.my_answer),
        repeats=in_words(series.recurrence, clock, series) if series else "",
        reminders=", ".join(dict.fromkeys(_reminder(m) for m in sorted(event.reminders))),
        showing=_SHOWING.get(Showing(event.showing), ""),
        private=event.private,
        description=read(event.description),
    )


def when(starts_at: datetime, ends_at: datetime, clock: Clock, *, all_day: bool) -> str:
    """Day and hours; both days where there are two."""
    start, end = clock.wall(starts_at, all_day=all_day), clock.wall(ends_at, all_day=all_day)
    if all_day:
        last = max(end - timedelta(days=1), start)
        return clock.day(start) if last == start else f"{clock.day(start)} – {clock.day(last)}"
    if start.date() == end.date() and start <= end:
        return f"{clock.day(start)}, {clock.hours(start, end)}"
    return f"{clock.day(start)}, {clock.hour(start)} – {clock.day(end)}, {clock.hour(end)}"


def _elsewhere(found: Found, clock: Clock) -> str:
    """The time where the event was made, if the clocks there show another."""
    event = found.event
    zone = known_zone(event.time_zone)
    if event.all_day or zone.key == "UTC":
        return ""
    there = Clock(zone, clock.now, clock.hour12, clock.week_start)
    start, end = there.wall(found.starts_at), there.wall(found.ends_at)
    if start == clock.wall(found.starts_at):
        return ""
    day = "" if start.date() == clock.wall(found.starts_at).date() else f" on {clock.day(start)}"
    return f"{clock.hours(start, end)}{day} in {zone.key.rpartition('/')[2].replace('_', ' ')}"


def _https(address: str) -> str:
    """An address that may stand in a link."""
    return address if address.startswith("https://") else ""


def _person(attendee: Mapping[str, Any]) -> Person:
    answer, icon = _ANSWERS.get(Answer(attendee["answer"]), ("No answer", ""))
    facts = [word for word in ("optional", "resource") if attendee.get(word)]
    name = attendee.get("name") or attendee.get("email") or "Somebody"
    if attendee.get("me"):
        facts.insert(0, "you")
    if attendee.get("organizer"):
        answer, icon = "Organiser", "user"
    return Person(name, attendee.get("email") or "", answer, icon, ", ".join(facts))


def _answers(attendees: Sequence[Mapping[str, Any]]) -> str:
    """3 yes, 1 maybe, 2 no answer."""
    given = [a["answer"] for a in attendees]
    counts = (
        (sum(g in (Answer.ACCEPTED, Answer.ORGANIZER) for g in given), "yes"),
        (given.count(Answer.TENTATIVE), "maybe"),
        (given.count(Answer.DECLINED), "no"),
        (given.count(Answer.NONE), "no answer"),
    )
    return ", ".join(f"{n} {word}" for n, word in counts if n)


def _mine(answer: str) -> str:
    said = {Answer.ACCEPTED: "You accepted", Answer.DECLINED: "You declined", Answer.TENTATIVE: "You answered maybe"}
    return said.get(Answer(answer), "")


def _reminder(minutes: int) -> str:
    if minutes == 0:
        return "when it starts"
    for size, word in ((10080, "week"), (1440, "day"), (60, "hour")):
        if minutes > 0 and minutes % size == 0:
            n = minutes // size
            return f"{n} {word}{'s' if n > 1 else ''} before"
    return f"{minutes} min before" if minutes > 0 else f"{-minutes} min after the start"
