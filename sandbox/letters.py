"""Plain letters, for when somebody needs a message and not a particular one."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

STRANGER = "Robin Vale <robin.vale@example.org>"


def write(subject: str, sender: str, recipient: str, text: str, when: datetime) -> bytes:
    """A text message as RFC 5322 bytes with a new Message-ID."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = recipient
    letter["Subject"] = subject
    letter["Date"] = format_datetime(when)
    letter["Message-ID"] = make_msgid(domain="sandbox.example")
    letter.set_content(text)
    return letter.as_bytes()
