"""Small worlds for the tests of the sandbox's Graph."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from sandbox.seeds import Box, SeedAccount, SeedEvent, SeedMessage
from tests.sandbox.graph_client import Graph

BO, EVA = "bo@contoso.example", "eva@contoso.example"
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
IMMUTABLE = 'IdType="ImmutableId"'
JUNE = {"startDateTime": "2026-06-01T00:00:00Z", "endDateTime": "2026-07-01T00:00:00Z"}


def mime(number: int = 1, subject: str = "", *, html: str = "", reply_to: int = 0, files: Iterable[str] = ()) -> bytes:
    """A message; ``reply_to`` is the number of the one it answers."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Ada Lund <ada@fabrikam.example>"
    mail["To"] = f"Bo Berg <{BO}>, Eva Ek <{EVA}>"
    mail["Subject"] = subject or f"Letter {number}"
    mail["Message-ID"] = f"<{number}@fabrikam.example>"
    mail["Date"] = NOON + timedelta(minutes=number)
    if reply_to:
        mail["In-Reply-To"] = mail["References"] = f"<{reply_to}@fabrikam.example>"
    mail.set_content(html or f"Text of {number}", subtype="html" if html else "plain")
    for name in files:
        mail.add_attachment(b"%PDF" + name.encode(), "application", "pdf", filename=name)
    return mail.as_bytes()


def letter(
    number: int = 1, *, box: Box = "inbox", unread: bool = False, folder: str = "", **content: Any
) -> SeedMessage:
    received = NOON + timedelta(minutes=number)
    return SeedMessage(mime(number, **content), received, box, unread, labels=(folder,) if folder else ())


def graph(
    messages: Iterable[SeedMessage] = (), events: Iterable[SeedEvent] = (), *others: SeedAccount, **account: Any
) -> Graph:
    """A sandbox in which Bo has these, and the others live, too."""
    own = SeedAccount(
        "microsoft",
        BO,
        "Bo Berg",
        "oid-bo",
        "tid",
        time_zone="Europe/Berlin",
        messages=tuple(messages),
        events=tuple(events),
        **account,
    )
    return Graph([own, *others])
