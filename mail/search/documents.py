"""What can be found of a message: its subject, everybody on it, its readable text and the names of its attachments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from mail.reading.plain import readable
from mail.search.index import Document


def document(
    message_id: int,
    date: datetime,
    subject: str,
    sender: Iterable[str],
    recipients: Iterable[Sequence[str]],
    text: str,
    html: str,
    attached: Iterable[str],
) -> Document:
    """Texts are such as a database takes. The HTML counts where there is no text beside it."""
    everybody = " ".join(part for person in recipients for part in person)
    said = text if text.strip() else readable(html)
    return Document(message_id, date, " ".join((*attached, said)), subject, " ".join(sender), everybody)
