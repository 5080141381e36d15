"""Puts the words of stored messages into the index anew, as after a migration."""

from __future__ import annotations

from collections import defaultdict

from django.db import models, transaction

from mail.models import Message
from mail.search import index
from mail.search.documents import document

_BATCH = 200
_COLUMNS = ("pk", "date", "subject", "sender_name", "sender_email", "to", "cc", "bcc", "body__text", "body__html")


def everything(messages: type[models.Model] = Message) -> int:
    """All messages, some at a time. Answers how many. ``messages`` is the model as a migration knows it."""
    last, done = 0, 0
    while documents := _documents(messages, last):
        with transaction.atomic():
            index.put(documents, {d.message_id: d.date for d in documents})
        last, done = documents[-1].message_id, done + len(documents)
    return done


def _documents(messages: type[models.Model], after: int) -> list[index.Document]:
    rows = list(messages._default_manager.filter(pk__gt=after).order_by("pk").values_list(*_COLUMNS)[:_BATCH])
    attached: dict[int, list[str]] = defaultdict(list)
    with_files = messages._default_manager.filter(pk__in=[row[0] for row in rows], attachments__isnull=False)
    for pk, name in with_files.values_list("pk", "attachments__filename"):
        attached[pk].append(name)
    return [
        document(pk, date, subject, (name, email), [*to, *cc, *bcc], text or "", html or "", attached[pk])
        for pk, date, subject, name, email, to, cc, bcc, text, html in rows
    ]
