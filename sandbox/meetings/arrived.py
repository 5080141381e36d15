"""Reads the iTIP objects of a mail that arrives: who says what about which meeting. Never raises for bad bytes."""

from __future__ import annotations

import email
import email.utils
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.message import Message
from typing import cast, get_args

from sandbox.meetings.letters import Method, Notice
from sandbox.world.corpus.entries import entry
from sandbox.world.corpus.ical import Component, decode, read
from sandbox.world.corpus.zones import Zones

_MENTIONED = re.compile(rb"(?i)text/calendar")


def notices(raw: bytes, home: str) -> tuple[str, list[Notice]]:
    """The sender's bare address, lower case, and what the mail says; ``home`` is the zone of floating times."""
    if not _MENTIONED.search(raw):
        return "", []
    message = email.message_from_bytes(raw)
    sender = email.utils.parseaddr(str(message.get("From", "")))[1].lower()
    part = next((one for one in message.walk() if _carries(one)), None)
    if part is None:
        return sender, []
    payload = part.get_payload(decode=True)
    root = read(decode(payload if isinstance(payload, bytes) else b""))
    method = str(part.get_param("method") or "") or next((one.text("METHOD") for one in root.walk()), "")
    if method.upper() not in get_args(Method):
        return sender, []
    return sender, list(_read(root, cast(Method, method.upper()), home))


def _carries(part: Message) -> bool:
    return part.get_content_type() == "text/calendar" and part.get_content_disposition() != "attachment"


def _read(root: Component, method: Method, home: str) -> Iterator[Notice]:
    zones = Zones(root)
    for component in root.walk():
        if component.name != "VEVENT":
            continue
        try:
            found = entry(component, zones, "", home, [])
            sequence = int(component.text("SEQUENCE") or 0)
        except (ValueError, OverflowError):
            continue
        event = found.event
        if found.instance is not None:
            original = found.instance.on(event.time_zone) if isinstance(event.start, datetime) else found.instance.value
            event = replace(event, original_start=original)
        if event.uid and event.organizer:
            yield Notice(method, event, sequence, component.text("COMMENT"))
