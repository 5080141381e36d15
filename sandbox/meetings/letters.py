"""The mail that carries an iTIP object (RFC 6047): a text for people, and the object for their calendars.

Subjects and headers of their own are left to the vendors.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal

from sandbox.meetings.itip import itip
from sandbox.seeds import Reply, SeedAttendee, SeedEvent

Method = Literal["REQUEST", "CANCEL", "REPLY", "COUNTER"]
ANSWERS: dict[Reply, str] = {"accepted": "accepted", "declined": "declined", "tentative": "tentatively accepted"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said about a meeting. Of a REPLY or a COUNTER, ``event.attendees`` is the one who answers."""

    method: Method
    event: SeedEvent
    sequence: int = 0
    comment: str = ""


def write(
    notice: Notice,
    sender: SeedAttendee,
    to: Sequence[SeedAttendee],
    subject: str,
    now: datetime,
    *,
    domain: str,
    headers: Mapping[str, str] | None = None,
    attached: bool = False,
) -> bytes:
    """The mail as bytes; ``attached`` adds the object once more as invite.ics, for programs that look for a file."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = _address(sender)
    letter["To"] = [_address(one) for one in to]
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(now)
    key = f"{notice.event.uid}|{notice.method}|{subject}|{now.isoformat()}|{','.join(one.email for one in to)}"
    letter["Message-ID"] = f"<{sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}@{domain}>"
    for name, value in (headers or {}).items():
        letter[name] = value
    text = _text(notice, sender)
    letter.set_content(text)
    letter.add_alternative("<p>" + html.escape(text).replace("\n", "<br>\n") + "</p>", subtype="html")
    calendar = itip(notice.event, notice.method, now, sequence=notice.sequence, comment=notice.comment).decode()
    letter.add_alternative(calendar, subtype="calendar", params={"method": notice.method})
    if attached:
        letter.add_attachment(calendar.encode(), "application", "ics", filename="invite.ics")
    return letter.as_bytes()


def mailable(person: SeedAttendee) -> bool:
    """Whether mail can be addressed to somebody: calendars keep guests whose address is none."""
    try:
        _address(person)
    except (ValueError, IndexError, MessageError):
        return False
    return True


def _address(person: SeedAttendee) -> Address:
    return Address(" ".join(person.name.split()), addr_spec=person.email)


def _text(notice: Notice, sender: SeedAttendee) -> str:
    event, name = notice.event, sender.name or sender.email
    if notice.method in ("REPLY", "COUNTER"):
        said = ANSWERS.get(event.attendees[0].reply, "answered")
        first = f"{name} has {said} this invitation."
        if notice.method == "COUNTER":
            first += f" A new time is proposed: {when(event)}."
    elif notice.method == "CANCEL":
        first = "This event has been cancelled."
    else:
        first = f"{name} invites you to this event." if not notice.sequence else "This event has been changed."
    lines = [first, "", event.title, when(event)]
    lines += [line for line in (event.location, event.meeting_url) if line]
    lines += ["", notice.comment] if notice.comment else []
    return "\n".join(lines) + "\n"


def when(event: SeedEvent) -> str:
    """The time of a meeting in words."""
    if not isinstance(event.start, datetime):
        return f"{event.start:%a %b} {event.start.day}, {event.start.year}"
    start, end = event.start, event.end
    assert isinstance(end, datetime)
    return f"{start:%a %b} {start.day}, {start.year} {start:%H:%M} - {end:%H:%M} ({event.time_zone})"
