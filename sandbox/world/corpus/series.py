"""Ties the entries of one file: exceptions to their series, changes of "this and all that follow" to a new series.

An exception whose series is not there, or that names no instance of it, becomes an event of its own. Every uid that
comes out is used once in the whole account, whatever the files say.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr

from sandbox.seeds import SeedEvent
from sandbox.world.corpus.entries import Entry
from sandbox.world.corpus.moments import Moment, utc


class Uids:
    """Hands out uids: the file's own if it is free, otherwise one made from it and from where it stands."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def claim(self, uid: str, place: str) -> str:
        if not uid or uid in self._used:
            uid = f"{uid[:200] or 'event'}-{sha256(place.encode()).hexdigest()[:16]}"
        self._used.add(uid)
        return uid


def tie(entries: list[Entry], uids: Uids, place: str) -> Iterator[SeedEvent]:
    """The events of a file; ``place`` names it and makes new uids."""
    masters: dict[str, list[SeedEvent]] = {}
    loose: list[Entry] = []
    for number, one in enumerate(entries):
        if one.instance is None:
            uid = uids.claim(one.event.uid, f"{place}#{number}")
            masters.setdefault(one.event.uid, []).append(replace(one.event, uid=uid))
        else:
            loose.append(one)
    changes: dict[str, list[Entry]] = {}
    for number, one in enumerate(loose):
        family = masters.get(one.event.uid, [])
        if family and family[0].recurrence:
            changes.setdefault(one.event.uid, []).append(one)
        else:
            yield _single(one, uids, f"{place}~{number}")
    for original, family in masters.items():
        yield from family[1:]
        yield from _whole(family[0], changes.get(original, []), uids, f"{place}/{original}")


def _whole(master: SeedEvent, changes: list[Entry], uids: Uids, place: str) -> Iterator[SeedEvent]:
    """A series with its exceptions, cut where "this and all that follow" changes."""
    changes = sorted(changes, key=lambda one: utc(one.instance) if one.instance else utc(Moment(master.start, "")))
    first = next((index for index, one in enumerate(changes) if one.onwards and not one.event.cancelled), None)
    later = [] if first is None else changes[first:]
    if later:
        split = _cut(master, later[0])
        if split is None:
            later[0].onwards = False
        else:
            master, follower = split
            changes = changes[:first]
            follower = replace(follower, uid=uids.claim("", f"{place}@{first}"))
            yield from _whole(follower, later[1:], uids, f"{place}>")
    yield master
    seen: set[datetime | date] = set()
    instances = occurrences(master)
    for number, one in enumerate(changes):
        assert one.instance is not None
        original = _original(master, one.instance)
        if original in seen or not _has(instances, original):
            yield _single(one, uids, f"{place}<{number}")
            continue
        seen.add(original)
        yield replace(one.event, uid=master.uid, original_start=original, calendar=master.calendar)


def _single(one: Entry, uids: Uids, place: str) -> SeedEvent:
    return replace(one.event, uid=uids.claim(one.event.uid, place), original_start=None, cancelled=False)


def _original(master: SeedEvent, instance: Moment) -> datetime | date:
    """The instance as the master's clock has it; a date stands for the instance of that day."""
    if not isinstance(master.start, datetime):
        value = instance.value
        return value.date() if isinstance(value, datetime) else value
    value = instance.on(master.time_zone)
    return value if isinstance(value, datetime) else datetime.combine(value, master.start.time())


def occurrences(master: SeedEvent) -> rruleset:
    """The starts of a series on its own wall clock, exceptions not yet taken out of it (they are instances too)."""
    start = master.start if isinstance(master.start, datetime) else datetime.combine(master.start, time())
    found = rruleset(cache=True)
    found.rdate(start)
    for line in master.recurrence:
        head, _, value = line.partition(":")
        if head == "RRULE":
            found.rrule(cast(rrule, rrulestr(_local(value, master), dtstart=start)))
        elif head.startswith("RDATE"):
            day = datetime.strptime(value[:8], "%Y%m%d")  # noqa: DTZ007 (a wall-clock time)
            clock = time(int(value[9:11]), int(value[11:13]), int(value[13:15])) if len(value) > 8 else time()
            found.rdate(datetime.combine(day, clock))
    return found


def _local(rule: str, master: SeedEvent) -> str:
    """The rule with its UNTIL on the master's wall clock, as a start without a zone needs it."""
    parts = []
    for part in rule.split(";"):
        if part.startswith("UNTIL=") and part.endswith("Z"):
            until = datetime.strptime(part[6:], "%Y%m%dT%H%M%SZ")  # noqa: DTZ007 (its zone is given beside it)
            part = f"UNTIL={Moment(until, 'UTC').on(master.time_zone):%Y%m%dT%H%M%S}"
        parts.append(part)
    return ";".join(parts)


def _has(instances: rruleset, original: datetime | date) -> bool:
    start = original if isinstance(original, datetime) else datetime.combine(original, time())
    return bool(instances.between(start - timedelta(seconds=1), start + timedelta(seconds=1)))


def _cut(master: SeedEvent, change: Entry) -> tuple[SeedEvent, SeedEvent] | None:
    """The series until the change, and the one that follows from it; nothing where it cannot be cut."""
    rules = [line for line in master.recurrence if line.startswith("RRULE:")]
    if len(rules) != 1 or len(master.recurrence) != 1 or change.instance is None:
        return None
    original = _original(master, change.instance)
    start = original if isinstance(original, datetime) else datetime.combine(original, time())
    if not _has(occurrences(master), original) or original == master.start:
        return None
    before = sum(1 for _ in itertools.takewhile(lambda one: one < start, occurrences(master)))
    parts = dict(part.split("=", 1) for part in rules[0].removeprefix("RRULE:").split(";"))
    rest = dict(parts)
    if "COUNT" in rest:
        rest["COUNT"] = str(int(rest["COUNT"]) - before)
        del parts["COUNT"]
    if isinstance(original, datetime):
        parts["UNTIL"] = f"{utc(Moment(original - timedelta(seconds=1), master.time_zone)):%Y%m%dT%H%M%SZ}"
    else:
        parts["UNTIL"] = f"{original - timedelta(days=1):%Y%m%d}"
    head = replace(master, recurrence=(_rule(parts),))
    tail = replace(change.event, recurrence=(_rule(rest),), original_start=None, calendar=master.calendar)
    return head, tail


def _rule(parts: dict[str, str]) -> str:
    return "RRULE:" + ";".join(f"{name}={value}" for name, value in parts.items())
