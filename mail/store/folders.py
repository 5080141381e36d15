"""Folders as the store sees them: making them what a provider says, and finding them by the provider's ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils import timezone

from integrations.models import Connection
from integrations.records import Container, FolderRecord, Role
from mail.models import Folder, Message, MessageFolder, ThreadFolder
from mail.store import cleaning
from mail.store.threads import derive
from mail.store.walks import walked_alone

_BATCH = 500
# Gmail has labels for these; here they are columns of a message, so no membership is kept.
FLAG_ROLES = frozenset({Role.UNREAD.value, Role.STARRED.value})


def replace(connection: Connection, records: Sequence[Container]) -> None:
    """Make a connection's folders be exactly these. Threads that lose one are derived again."""
    wanted = {r.id: r for r in records if isinstance(r, FolderRecord)}
    present = list(Folder.objects.filter(connection=connection))
    gone = [f for f in present if f.provider_id not in wanted]
    if gone:
        _drop(connection, gone)
    rows = [
        Folder(
            connection=connection,
            provider_id=cleaning.identifier(r.id),
            name=cleaning.line(r.name, 255) or r.id[:255],
            role=r.role.value,
            parent_id=cleaning.identifier(r.parent_id),
            hidden=r.hidden,
        )
        for r in wanted.values()
    ]
    Folder.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "provider_id"],
        update_fields=["name", "role", "parent_id", "hidden"],
    )
    recast = [f.pk for f in present if f.provider_id in wanted and f.role != wanted[f.provider_id].role.value]
    if recast:
        derive(connection, set(ThreadFolder.objects.filter(folder__in=recast).values_list("thread_id", flat=True)))


def by_provider_id(connection: Connection) -> dict[str, Folder]:
    """Every folder of a connection."""
    return {f.provider_id: f for f in Folder.objects.filter(connection=connection)}


def add_unknown(connection: Connection, known: dict[str, Folder], ids: Iterable[str]) -> None:
    """Make hidden stand-ins for folders that mail mentions before a discovery has named them."""
    missing = sorted({i for i in ids if i not in known})
    if missing:
        rows = [Folder(connection=connection, provider_id=i, name=i[:255], hidden=True) for i in missing]
        Folder.objects.bulk_create(rows, ignore_conflicts=True)
        known.update({f.provider_id: f for f in Folder.objects.filter(connection=connection, provider_id__in=missing)})


def _drop(connection: Connection, gone: list[Folder]) -> None:
    memberships = MessageFolder.objects.filter(folder__in=gone)
    messages = list(memberships.values_list("message_id", "message__thread_id"))
    alone = walked_alone(connection)
    memberships.delete()
    if alone:
        detach([m for m, _ in messages])
    Folder.objects.filter(pk__in=[f.pk for f in gone]).delete()
    derive(connection, {t for _, t in messages})


def detach(message_ids: Sequence[int]) -> None:
    """Hide those of the messages that are in no folder any more."""
    now = timezone.now()
    for start in range(0, len(message_ids), _BATCH):
        rows = Message.objects.filter(pk__in=message_ids[start : start + _BATCH], detached_at__isnull=True)
        rows.filter(message_folders__isnull=True).update(detached_at=now)
