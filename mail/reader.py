"""Stored mail for the Python layer's unified side. Pages have queries of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from django.db.models import QuerySet

from integrations.layers.readers import Message as Item
from integrations.models import Connection
from integrations.records import Address, Role
from mail.models import Body, Folder, Message
from mail.reading.plain import readable
from mail.search import find, query, scope


class MailReader:
    """A ``integrations.layers.readers.MailReader``."""

    def inbox(self, connections: Sequence[Connection], *, unread: bool, limit: int) -> list[Item]:
        """One query."""
        rows = _of(connections).filter(message_folders__folder__role=Role.INBOX.value)
        return _items(rows.filter(unread=True) if unread else rows, connections, limit)

    def search(self, connections: Sequence[Connection], text: str, limit: int) -> list[Item]:
        """At most four queries."""
        asked = query.read(text)
        folders = Folder.objects.filter(connection__in=list(connections)) if asked.folders else ()
        of = [(c, [f for f in folders if f.connection_id == c.pk]) for c in connections]
        zone = connections[0].user.zone if connections and (asked.since or asked.until) else UTC
        found = find.messages(asked, scope.of(asked, of, zone, aside=()), limit)
        return _items(_of(connections).filter(pk__in=found), connections, limit)

    def text(self, connections: Sequence[Connection], message_id: int) -> str:
        """One query."""
        body = Body.objects.filter(message=message_id, message__connection__in=list(connections)).first()
        return (body.text or readable(body.html)) if body else ""


def _of(connections: Sequence[Connection]) -> QuerySet[Message]:
    return Message.objects.filter(connection__in=list(connections), detached_at=None)


def _items(rows: QuerySet[Message], connections: Sequence[Connection], limit: int) -> list[Item]:
    by_id = {c.pk: c for c in connections}
    newest = rows.order_by("-date", "-id").distinct()[:limit]
    return [_item(row, by_id[row.connection_id]) for row in newest]


def _item(row: Message, connection: Connection) -> Item:
    return Item(
        id=row.pk,
        account=connection.email,
        provider=connection.provider,
        provider_id=row.provider_id,
        thread_id=row.thread_id,
        date=row.date,
        subject=row.subject,
        sender=Address(row.sender_email, row.sender_name),
        to=tuple(Address(email, name) for name, email in row.to),
        snippet=row.snippet,
        unread=row.unread,
        starred=row.starred,
        has_attachments=row.has_attachments,
    )
