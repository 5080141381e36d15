"""Reads every .ics below the corpus: a calendar for each source, all its events, a note on whatever is left out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sandbox.seeds import LeftOut, SeedCalendar, SeedEvent
from sandbox.world.corpus.entries import Entry, entry
from sandbox.world.corpus.ical import decode, read
from sandbox.world.corpus.series import Uids, tie
from sandbox.world.corpus.zones import Zones

_NOT_EVENTS = {"VTODO": "a task", "VJOURNAL": "a journal entry", "VFREEBUSY": "free and busy times"}
_COLOURS = ("#7bd148", "#9fc6e7", "#f691b2", "#ffad46", "#9a9cff", "#42d692", "#fa573c", "#cca6ac", "#fbe983")


def calendars(folder: Path, home: str, left_out: LeftOut) -> tuple[tuple[SeedCalendar, ...], tuple[SeedEvent, ...]]:
    """The calendars and the events of every file; ``home`` is the zone of floating times."""
    uids = Uids()
    names: dict[str, None] = {}
    events: list[SeedEvent] = []
    for path in sorted((folder / "calendar").rglob("*.ics")):
        place = path.relative_to(folder).as_posix()
        name = place.split("/")[1]
        names.setdefault(name)
        entries = _entries(path, place, name, home, left_out)
        events.extend(tie(entries, uids, place))
    made = (SeedCalendar(name, home, _COLOURS[index % len(_COLOURS)]) for index, name in enumerate(names))
    return tuple(made), tuple(events)


def _entries(path: Path, place: str, calendar: str, home: str, left_out: LeftOut) -> list[Entry]:
    root = read(decode(path.read_bytes()))
    zones = Zones(root)
    found: list[Entry] = []
    others: Counter[str] = Counter()
    for component in root.walk():
        if reason := _NOT_EVENTS.get(component.name):
            others[reason] += 1
        if component.name != "VEVENT":
            continue
        notes: list[str] = []
        label = f"{place}: {component.text('UID')[:60] or component.text('SUMMARY')[:60] or 'an event'}"
        try:
            found.append(entry(component, zones, calendar, home, notes))
        except (ValueError, OverflowError) as error:
            left_out.add(label, str(error) or type(error).__name__)
        for note in notes:
            left_out.add(label, note)
    for reason, count in others.items():
        left_out.add(place, f"{reason}, {count} of them: not an event")
    if not found and not others:
        left_out.add(place, "no event in it")
    return found
