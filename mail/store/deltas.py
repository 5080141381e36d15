"""Changes of folders and flags of messages already here: from a provider, and from edits that are on their way to one.

A local edit and a provider's news have one form, ``MailDelta``, and so one way into the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from integrations.models import Change, Connection
from integrations.records import MailDelta, Operation, Role
from mail.models import Folder, Message, MessageFolder
from mail.store import cleaning
from mail.store.folders import add_unknown, detach
from mail.store.walks import Walk, walked_alone

_BATCH = 200


def apply(
    connection: Connection, deltas: Sequence[MailDelta], folders: dict[str, Folder], walk: Walk, *, heard: bool
) -> set[int]:
    """Carry the deltas out in order; those for unknown messages are ignored. Answers the threads to derive.

    ``heard``: the provider said so, so the messages exist there; an edit proves nothing of the kind.
    """
    named = Message.objects.filter(connection=connection, provider_id__in={cleaning.identifier(d.id) for d in deltas})
    named = named.only("id", "provider_id", "thread_id", "unread", "starred", "generation", "detached_at")
    # Locked from here on: a star set while a message is being marked read must not undo that.
    messages = {m.provider_id: m for m in named.select_for_update(no_key=True).order_by("pk")}
    if not messages:
        return set()
    add_unknown(connection, folders, {i for d in deltas for i in d.added})
    ids = [m.pk for m in messages.values()]
    present = set(MessageFolder.objects.filter(message__in=ids).values_list("message_id", "folder_id"))
    wanted = set(present)
    alone = {folders[i].pk for i in walked_alone(connection) if i in folders}
    for delta in deltas:
        message = messages.get(cleaning.identifier(delta.id))
        if message is not None:
            _apply_one(message, delta, folders, wanted, alone)
            message.generation = walk.number if heard else message.generation
    _store_memberships(folders, walk, present, wanted)
    for message in messages.values():
        if any(pk == message.pk for pk, _ in wanted - present):
            message.detached_at = None
    Message.objects.bulk_update(
        list(messages.values()), ["unread", "starred", "generation", "detached_at"], batch_size=_BATCH
    )
    emptied = {m for m, _ in present} - {m for m, _ in wanted}
    if emptied and alone:
        detach(list(emptied))
    return {m.thread_id for m in messages.values()}


def _apply_one(
    message: Message, delta: MailDelta, folders: dict[str, Folder], wanted: set[tuple[int, int]], alone: set[int]
) -> None:
    """Flags that a vendor expresses as labels (Gmail's UNREAD and STARRED) become columns.

    Coming into a folder that is walked ``alone`` means leaving every other such folder.
    """
    for ids, value in ((delta.removed, False), (delta.added, True)):
        for folder in (folders[i] for i in ids if i in folders):
            if folder.role == Role.UNREAD.value:
                message.unread = value
            elif folder.role == Role.STARRED.value:
                message.starred = value
            elif value:
                if folder.pk in alone:
                    wanted.difference_update((message.pk, other) for other in alone)
                wanted.add((message.pk, folder.pk))
            else:
                wanted.discard((message.pk, folder.pk))
    message.unread = message.unread if delta.unread is None else delta.unread
    message.starred = message.starred if delta.starred is None else delta.starred


def _store_memberships(
    folders: dict[str, Folder], walk: Walk, present: set[tuple[int, int]], wanted: set[tuple[int, int]]
) -> None:
    by_folder: dict[int, list[int]] = {}
    for message_id, folder_id in present - wanted:
        by_folder.setdefault(folder_id, []).append(message_id)
    for folder_id, message_ids in sorted(by_folder.items()):
        MessageFolder.objects.filter(folder_id=folder_id, message_id__in=message_ids).delete()
    added = sorted(wanted - present)
    if added:
        MessageFolder.objects.bulk_create(
            [MessageFolder(message_id=m, folder_id=f, generation=walk.of(f)) for m, f in added], ignore_conflicts=True
        )


def of_change(change: Change) -> MailDelta:
    """What an edit does to a message here."""
    payload = change.payload
    if change.operation == Operation.MAIL_MOVE.value:
        to, left = str(payload.get("to") or ""), str(payload.get("from") or "")
        return MailDelta(change.target_id, added=frozenset({to} - {""}), removed=frozenset({left} - {""}))
    return MailDelta(
        change.target_id,
        added=frozenset(cast("list[str]", payload.get("add", []))),
        removed=frozenset(cast("list[str]", payload.get("remove", []))),
        unread=cast("bool | None", payload.get("unread")),
        starred=cast("bool | None", payload.get("starred")),
    )


def inverse(delta: MailDelta) -> MailDelta:
    """What undoes a delta that changed everything it names (edits are only made where they change something)."""
    return MailDelta(
        delta.id,
        added=delta.removed,
        removed=delta.added,
        unread=None if delta.unread is None else not delta.unread,
        starred=None if delta.starred is None else not delta.starred,
    )
