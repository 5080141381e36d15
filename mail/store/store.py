"""The mail store, as the sync engine knows it (``integrations.sync.stores.Store``).

Collections come in two kinds. Gmail has one mailbox of labels: an id that is gone deletes the message. Graph has a
collection per folder: an id that is gone left that folder and may turn up in another, earlier or later. So a message
that lost its last folder is only hidden, until its provider is asked about it (``Misses``) or a round completes more
than ``GRACE`` afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.records import Container, MailDelta, MailRecord, Page, Record, Service
from mail.files import files
from mail.models import Folder, Message, MessageFolder, Thread
from mail.store import cleaning, comparing, deltas, folders, messages, walks
from mail.store.threads import Placed, derive
from mail.store.walks import Walk

GRACE = timedelta(minutes=10)


class MailStore:
    """Every method but ``purge`` runs inside the caller's transaction."""

    def containers(self, connection: Connection, records: Sequence[Container]) -> None:
        """Make the connection's folders be exactly these. What has been in none of them for long goes."""
        folders.replace(connection, records)
        derive(connection, self._forget_detached(connection))

    def apply(self, collection: Collection, page: Page[Record]) -> None:
        """Upsert a page and drop what it removes; twice is as once."""
        connection = collection.connection
        known = folders.by_provider_id(connection)
        touched, whole = _take(connection, page.changed, known, Walk(collection.generation))
        further: set[int] = set()
        if page.removed:
            further |= self._remove(collection, page.removed)
        if page.complete:
            further |= self._forget_detached(connection)
        whole = {t: placed for t, placed in whole.items() if t not in further}
        derive(connection, touched | further, whole, known.values())

    def finish_walk(self, collection: Collection) -> int:
        """Drop what a completed full walk did not mention. Answers how many messages left the collection."""
        connection, folder = collection.connection, _folder(collection)
        if folder is None:
            rows = Message.objects.filter(connection=connection, generation__lt=collection.generation)
            touched = set(rows.values_list("thread_id", flat=True))
            gone = rows.count()
            rows.delete()
        else:
            memberships = MessageFolder.objects.filter(folder=folder, generation__lt=collection.generation)
            left = list(memberships.values_list("message_id", "message__thread_id"))
            memberships.delete()
            folders.detach([m for m, _ in left])
            touched, gone = {t for _, t in left}, len(left)
        derive(connection, touched)
        return gone

    def confirm(self, connection: Connection, records: Iterable[Record]) -> None:
        """Take over what a provider answered to an edit."""
        known = folders.by_provider_id(connection)
        touched, whole = _take(connection, list(records), known, walks.present(connection, known))
        derive(connection, touched, whole, known.values())

    def overlay(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Put edits that are on their way back on top of what was just stored."""
        edits = [deltas.of_change(c) for c in changes if c.service == Service.MAIL.value]
        edit(connection, edits)

    def revert(self, change: Change) -> None:
        """Undo a refused edit; later edits of the same message that still wait stay on top."""
        later = Change.objects.filter(
            connection=change.connection,
            service=change.service,
            target_id=change.target_id,
            number__gt=change.number,
            state__in=[ChangeState.WAITING, ChangeState.SENDING],
        ).order_by("number")
        edits = [deltas.inverse(deltas.of_change(change)), *map(deltas.of_change, later)]
        edit(change.connection, edits)

    def counts_of_user(self, user_id: UUID) -> dict[tuple[UUID, str], int]:
        """Messages per collection of all of a user's connections: a folder's, or the whole mailbox's."""
        in_folders = MessageFolder.objects.filter(folder__connection__user_id=user_id)
        counts: dict[tuple[UUID, str], int] = {
            (connection, folder): n
            for connection, folder, n in in_folders.values_list(
                "folder__connection_id", "folder__provider_id"
            ).annotate(n=Count("id"))
        }
        of_folders = set(Folder.objects.filter(connection__user_id=user_id).values_list("connection_id", "provider_id"))
        totals = dict(
            Message.objects.filter(connection__user_id=user_id).values_list("connection_id").annotate(n=Count("id"))
        )
        mailboxes = Collection.objects.filter(connection__user_id=user_id, service=Service.MAIL.value)
        for connection, collection in mailboxes.values_list("connection_id", "provider_id"):
            if (connection, collection) not in of_folders:
                counts[connection, collection] = totals.get(connection, 0)
        return counts

    def count(self, collection: Collection) -> int:
        """Messages of a folder, or of the whole mailbox."""
        folder = _folder(collection)
        if folder is None:
            return Message.objects.filter(connection_id=collection.connection_id).count()
        return MessageFolder.objects.filter(folder=folder).count()

    def missing(self, collection: Collection, most: int) -> list[str]:
        """See ``Misses``. What is older than what is kept left for that reason."""
        hidden = Message.objects.filter(connection=collection.connection, detached_at__isnull=False)
        if since := collection.connection.mail_since:
            hidden = hidden.filter(date__gte=since)
        return list(hidden.order_by("detached_at").values_list("provider_id", flat=True)[:most])

    def settle(self, connection: Connection, found: Sequence[Record], gone: Sequence[str]) -> None:
        """See ``Misses``. What was deleted for good may still be read, in a folder that is not shown."""
        seen = walks.walked_alone(connection).keys()
        self.confirm(connection, [r for r in found if isinstance(r, MailRecord) and seen & r.folder_ids])
        rows = Message.objects.filter(connection=connection, provider_id__in=gone, detached_at__isnull=False)
        touched = set(rows.values_list("thread_id", flat=True))
        rows.delete()
        derive(connection, touched)

    def sample(self, collection: Collection, count: int) -> list[str]:
        """See ``Comparable``."""
        return comparing.sample(collection, count)

    def fingerprints(self, collection: Collection, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
        """See ``Comparable``."""
        return comparing.fingerprints(collection, ids)

    def purge(self, connection: Connection, limit: int) -> bool:
        """Delete at most ``limit`` messages, then the threads and folders; False when nothing is left."""
        with transaction.atomic():
            ids = list(Message.objects.filter(connection=connection).values_list("pk", flat=True)[:limit])
            if ids:
                Message.objects.filter(pk__in=ids).delete()
                return True
            threads = list(Thread.objects.filter(connection=connection).values_list("pk", flat=True)[:limit])
            if threads:
                Thread.objects.filter(pk__in=threads).delete()
                return True
            Folder.objects.filter(connection=connection).delete()
        files.remove(connection.pk)
        return False

    def _remove(self, collection: Collection, ids: Sequence[str]) -> set[int]:
        connection, folder = collection.connection, _folder(collection)
        rows = Message.objects.filter(connection=connection, provider_id__in=[cleaning.identifier(i) for i in ids])
        found = list(rows.values_list("pk", "thread_id"))
        if folder is None:
            rows.delete()
        else:
            MessageFolder.objects.filter(folder=folder, message__in=[pk for pk, _ in found]).delete()
            folders.detach([pk for pk, _ in found])
        return {thread_id for _, thread_id in found}

    def _forget_detached(self, connection: Connection) -> set[int]:
        rows = Message.objects.filter(connection=connection, detached_at__lt=timezone.now() - GRACE)
        touched = set(rows.values_list("thread_id", flat=True))
        if touched:
            rows.delete()
        return touched


def _folder(collection: Collection) -> Folder | None:
    """The folder that is this collection; ``None`` for a mailbox of labels."""
    return Folder.objects.filter(connection_id=collection.connection_id, provider_id=collection.provider_id).first()


def _take(
    connection: Connection, records: Sequence[Record], known: dict[str, Folder], walk: Walk
) -> tuple[set[int], dict[int, list[Placed]]]:
    """Whole messages first, then deltas: one for a message of the same page finds it. Answers as ``upsert``."""
    touched, whole = messages.upsert(connection, [r for r in records if isinstance(r, MailRecord)], known, walk)
    changes = [r for r in records if isinstance(r, MailDelta)]
    changed = deltas.apply(connection, changes, known, walk, heard=True) if changes else set()
    return touched | changed, {t: placed for t, placed in whole.items() if t not in changed}


def edit(connection: Connection, edits: Sequence[MailDelta]) -> None:
    """Show local edits at once; inside the transaction that puts them in the outbox."""
    if edits:
        known = folders.by_provider_id(connection)
        walk = walks.present(connection, known)
        derive(connection, deltas.apply(connection, edits, known, walk, heard=False))
