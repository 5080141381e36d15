"""Mail's background tasks: thin, with ids for arguments."""

from __future__ import annotations

from celery import shared_task

from mail import fetching


@shared_task(name="mail.fetch_attachment")
def fetch_attachment(attachment_id: int) -> None:
    """Fetch the content of one attachment that somebody asked for."""
    fetching.fetch(attachment_id)
