"""Reads real mail: every .eml as it is, every .mbox message by message, byte for byte.

Whatever is not empty is a message, also without a header: mailboxes take anything. When it came is its Date header, or
a date made from its bytes where that is missing or impossible. Meaning is left to whoever parses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from sandbox.seeds import Box, LeftOut, SeedMessage

_DATE = re.compile(rb"^Date[ \t]*:[ \t]*(.*(?:\r?\n[ \t]+.*)*)", re.MULTILINE | re.IGNORECASE)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d+)", re.MULTILINE | re.IGNORECASE)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def messages(folder: Path, now: datetime, left_out: LeftOut) -> tuple[SeedMessage, ...]:
    """Every message below ``folder``, in the order of their files."""
    found: list[SeedMessage] = []
    for path in sorted((folder / "mail").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".eml":
            raws: Iterator[bytes] = iter((path.read_bytes(),))
        elif path.suffix == ".mbox":
            raws = split(path.read_bytes())
        else:
            continue
        for number, raw in enumerate(raws, 1):
            if raw.strip():
                found.append(_message(raw, name, now))
            else:
                left_out.add(f"{name} #{number}", "an empty message")
    return tuple(found)


def split(data: bytes) -> Iterator[bytes]:
    """The messages of an mbox, without their From_ lines; a Content-Length that fits is believed (mboxcl2)."""
    position = 0
    while match := re.compile(rb"^From .*\r?\n", re.MULTILINE).search(data, position):
        start = match.end()
        end = _end(data, start)
        yield data[start:end]
        position = end


def _end(data: bytes, start: int) -> int:
    """Where the message that starts there ends."""
    head = _head(data[start:])
    if length := _LENGTH.search(head):
        blank = re.compile(rb"\r?\n\r?\n").search(data, start)
        end = (blank.end() if blank else start) + int(length[1])
        if re.match(rb"\s*(From |\Z)", data[end : end + 8]):
            return end
    following = re.compile(rb"\r?\n\r?\n(?=From )|\r?\n(?=From \S+ )").search(data, start)
    return (
        following.start() + (2 if data[following.start() : following.start() + 1] == b"\r" else 1)
        if following
        else len(data)
    )


def _head(raw: bytes) -> bytes:
    blank = re.search(rb"\r?\n\r?\n", raw)
    return raw[: blank.start()] if blank else raw


def _message(raw: bytes, name: str, now: datetime) -> SeedMessage:
    digest = sha256(name.encode() + raw).digest()
    share = digest[0] / 256
    box: Box = "inbox" if share < 0.84 else "archive" if share < 0.95 else "sent"
    return SeedMessage(
        raw,
        _received(raw, digest, now),
        box,
        unread=box == "inbox" and digest[1] < 45,
        starred=digest[2] < 8,
        labels=(name.split("/")[1],) if box == "archive" else (),
    )


def _received(raw: bytes, digest: bytes, now: datetime) -> datetime:
    if match := _DATE.search(_head(raw)):
        try:
            when = parsedate_to_datetime(b" ".join(match[1].split()).decode("ascii", "ignore"))
            when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
            if _EARLIEST <= when <= now:
                return when
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    return now - timedelta(minutes=int.from_bytes(digest[4:8], "big") % (365 * 24 * 60) + 10)
