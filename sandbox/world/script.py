"""Reads the mail of the world from its scripts: plain text files that hold threads as people would write them down.

A thread starts with ``# Subject``; each message with a line ``--- sender -> to, to + cc | when | flags``; its body
follows. ``when`` is ``25m`` or ``3h`` (before now) or ``4d 18:20`` (days before today, the sender's clock). Flags are
words and ``name=value`` pairs, apart by semicolons; an ``account:`` prefix limits one to that account's copy. What a
flag does is left to ``letters`` (bytes) and ``deliveries`` (whose copy is where).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.world.people import PARTIES, Party

_HEAD = re.compile(r"--- (\S+) -> ([^|+]*)(?:\+ ([^|]*))?\| ([^|]+?) *(?:\| (.*))?$")
_AGO = re.compile(r"(?:(\d+)m|(\d+)h|(\d+)d (\d\d):(\d\d))$")


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a script."""

    thread: str
    number: int
    subject: str
    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    sent: datetime
    flags: tuple[str, ...]
    body: str

    def has(self, flag: str) -> bool:
        return flag in self.flags

    def values(self, name: str) -> list[str]:
        """What is given as ``name=value``, in order."""
        return [flag.partition("=")[2] for flag in self.flags if flag.startswith(name + "=")]

    def value(self, name: str, default: str = "") -> str:
        return next(iter(self.values(name)), default)


def threads(folder: Path, now: datetime) -> Iterator[list[Line]]:
    """Every thread of every script in ``folder``, its messages in the order of their dates."""
    for path in sorted(folder.glob("*.txt")):
        parts = re.split(r"^# ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for number, part in enumerate(parts):
            subject, _, rest = part.partition("\n")
            yield list(_lines(f"{path.stem}-{number}", subject.strip(), rest, now))


def _lines(thread: str, subject: str, text: str, now: datetime) -> Iterator[Line]:
    previous: datetime | None = None
    for number, block in enumerate(re.split(r"^(?=--- )", text, flags=re.MULTILINE)[1:]):
        head, _, body = block.partition("\n")
        match = _HEAD.match(head)
        if match is None:
            raise ValueError(f"{thread}: cannot read {head!r}")
        sender = PARTIES[match[1]]
        sent = when(match[4], sender.zone, now)
        # Clocks of several zones meet in a thread: an answer is never older than what it answers.
        if previous is not None and sent <= previous:
            sent = previous + timedelta(minutes=6)
        previous = sent = min(sent, now - timedelta(minutes=2))
        flags = tuple((match[5] or "").split("; ")) if match[5] else ()
        yield Line(
            thread,
            number,
            subject,
            sender,
            _parties(match[2]),
            _parties(match[3]),
            sent,
            tuple(flag.strip() for flag in flags),
            body.strip("\n") + "\n",
        )


def when(text: str, zone: str, now: datetime) -> datetime:
    """The moment that ``25m``, ``3h`` or ``4d 18:20`` names, on a clock in ``zone``, whole seconds."""
    match = _AGO.match(text)
    if match is None:
        raise ValueError(f"cannot read the time {text!r}")
    minutes, hours, days, hour, minute = match.groups()
    local = now.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    if days is None:
        return local - timedelta(minutes=int(minutes or 0), hours=int(hours or 0))
    return datetime.combine(local.date() - timedelta(days=int(days)), time(int(hour), int(minute)), local.tzinfo)


def _parties(keys: str | None) -> tuple[Party, ...]:
    return tuple(PARTIES[key.strip()] for key in (keys or "").split(",") if key.strip())
