"""What a message says here, in short, to compare it with what its provider says."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.models import Collection
from mail.models import Folder, Message, MessageFolder

_FIELDS = ("thread__provider_id", "date", "subject", "sender_email", "unread", "starred", "draft", "has_attachments")
Fingerprint = tuple[object, ...]


def sample(collection: Collection, count: int) -> list[str]:
    """Ids of messages of a folder, or of the whole mailbox, by chance."""
    rows = Message.objects.filter(connection=collection.connection, detached_at=None)
    if Folder.objects.filter(connection=collection.connection, provider_id=collection.provider_id).exists():
        rows = rows.filter(message_folders__folder__provider_id=collection.provider_id)
    return list(rows.order_by("?").values_list("provider_id", flat=True)[:count])


def fingerprints(collection: Collection, ids: Sequence[str]) -> dict[str, Fingerprint]:
    """By id; those that are not here, or in no folder any more, are left out."""
    rows = Message.objects.filter(connection=collection.connection, provider_id__in=ids, detached_at=None)
    found = {row[0]: row[1:] for row in rows.values_list("provider_id", *_FIELDS)}
    places: dict[str, list[str]] = {message: [] for message in found}
    members = MessageFolder.objects.filter(message__in=rows).order_by("folder__provider_id")
    for message, folder in members.values_list("message__provider_id", "folder__provider_id"):
        places[message].append(folder)
    return {message: (*said, *places[message]) for message, said in found.items()}
