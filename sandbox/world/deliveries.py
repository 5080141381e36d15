"""Puts every message of the scripts into the mailboxes it belongs to: its sender's and its receivers'.

Decides box, unread, labels and Gmail's tab. The bytes are written by ``letters``; a copy that arrived carries the trace
headers of its way in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import cast, get_args

from sandbox.seeds import Box, SeedMessage
from sandbox.world import letters
from sandbox.world.people import ACCOUNT_KEYS, MEMBERS, PARTIES, Party
from sandbox.world.script import Line, threads

SCRIPTS = Path(__file__).with_name("mail")
_FRESH = timedelta(hours=20)
_SKIMMED = timedelta(days=6)  # how long what nobody waits for stays unread


def mailboxes(now: datetime, invitations: Callable[[str], bytes]) -> dict[str, list[SeedMessage]]:
    """The messages of every account, by its key, oldest first. ``invitations`` makes the iTIP object a script names."""
    boxes: dict[str, list[SeedMessage]] = {key: [] for key in ACCOUNT_KEYS}
    for lines in threads(SCRIPTS, now):
        for number, line in enumerate(lines):
            name = line.value("invite")
            raw = letters.write(line, lines[:number], invitations(name) if name else None)
            later = lines[number + 1 :]
            for key in _holders(line):
                boxes[key].append(_copy(key, line, later, raw, now))
    for messages in boxes.values():
        messages.sort(key=lambda message: message.received)
    return boxes


def _holders(line: Line) -> list[str]:
    """Who has a copy: the sender, then those named (also through a list), each once."""
    if line.has("draft"):
        return [line.sender.key]
    keys = [line.sender.key, *line.values("bcc")]
    for party in (*line.to, *line.cc):
        keys.extend(MEMBERS.get(party.key, (party.key,)))
    return [key for key in dict.fromkeys(keys) if key in ACCOUNT_KEYS]


def _copy(key: str, line: Line, later: list[Line], raw: bytes, now: datetime) -> SeedMessage:
    flags = _flags(key, line)
    mine = line.sender.key == key
    answered = any(one.sender.key == key for one in later)
    box: Box = "drafts" if line.has("draft") else "sent" if mine else "inbox"
    for name in get_args(Box):
        if name in flags:
            box = cast(Box, name)
    received = line.sent.astimezone(UTC)
    if not mine:
        received = min(received + timedelta(seconds=3), now)
        raw = _trace(PARTIES[key], line, received) + raw
    bulk = "tab=promotions" in flags or "tab=social" in flags
    fresh = now - received < (_SKIMMED if bulk else _FRESH) and box == "inbox"
    return SeedMessage(
        raw,
        received,
        box,
        unread=not mine and not answered and "read" not in flags and ("unread" in flags or fresh),
        starred="starred" in flags,
        important="important" in flags,
        labels=tuple(flag.removeprefix("label=") for flag in flags if flag.startswith("label=")),
        category=next((flag.removeprefix("tab=") for flag in flags if flag.startswith("tab=")), ""),
    )


def _flags(key: str, line: Line) -> set[str]:
    """The flags that hold for this account's copy: those without a prefix, and those with its own."""
    flags: set[str] = set()
    for flag in line.flags:
        owner, colon, rest = flag.partition(":")
        if not colon or owner not in ACCOUNT_KEYS:
            flags.add(flag)
        elif owner == key:
            flags.add(rest)
    # Labels and stars are the receiver's doing: a sender's own copy has them only where they are named for it.
    if line.sender.key == key:
        own = {flag.partition(":")[2] for flag in line.flags if flag.startswith(f"{key}:")}
        return own | {flag for flag in flags if flag.startswith("label=")}
    return flags


def _trace(owner: Party, line: Line, received: datetime) -> bytes:
    digest = letters.message_id(line)[1:13]
    return (
        f"Delivered-To: {owner.email}\r\n"
        f"Received: from mx.{line.sender.domain} by mx.{owner.domain} with ESMTPS id {digest};\r\n"
        f" {format_datetime(received)}\r\n"
    ).encode()
