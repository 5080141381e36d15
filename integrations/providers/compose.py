"""Writes mail as RFC 5322 bytes. Knows no vendor; sending is left to the callers."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from integrations.errors import PermanentFailure

Recipients = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file to go with a message. ``content_type`` is guessed from the name where it is empty."""

    filename: str
    content: bytes = field(repr=False)
    content_type: str = ""

    @classmethod
    def of(cls, given: Attached | Path | str) -> Attached:
        """A file of this machine, or one that is ready already. Raises ``PermanentFailure`` where it cannot be read."""
        if isinstance(given, Attached):
            return given
        path = Path(given)
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            raise PermanentFailure(f"{path} cannot be read: {error.strerror}.", code="file") from None

    @property
    def kind(self) -> str:
        """The content type."""
        return self.content_type or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


def addresses(given: Recipients | None) -> list[str]:
    """One address, several separated by commas, or a list of them, as a list."""
    if not given:
        return []
    parts = given.split(",") if isinstance(given, str) else given
    return [part.strip() for part in parts if part.strip()]


def message(
    to: Recipients,
    subject: str,
    text: str = "",
    html: str = "",
    *,
    cc: Recipients | None = None,
    bcc: Recipients | None = None,
    headers: Sequence[tuple[str, str]] = (),
    attachments: Sequence[Attached | Path | str] = (),
) -> bytes:
    """A whole message. Sender, date and id are left to the provider.

    Raises ``PermanentFailure`` for a header with a line break in it, and for a file that cannot be read.
    """
    made = EmailMessage(policy=SMTP)
    people = [(name, ", ".join(addresses(given))) for name, given in (("To", to), ("Cc", cc), ("Bcc", bcc))]
    try:
        for name, value in (*people, *headers):
            if value:
                made[name] = value
        made["Subject"] = subject
    except ValueError:
        raise PermanentFailure("An address or a subject cannot hold a line break.", code="header") from None
    if text or not html:
        made.set_content(text)
    if html and text:
        made.add_alternative(html, subtype="html")
    elif html:
        made.set_content(html, subtype="html")
    for attached in map(Attached.of, attachments):
        main, _, sub = attached.kind.partition("/")
        made.add_attachment(attached.content, maintype=main, subtype=sub, filename=attached.filename)
    return made.as_bytes()
