"""Whole messages: records to rows, a page at a time, with a fixed number of statements per page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from integrations.models import Connection
from integrations.records import MailRecord
from mail.models import Attachment, Body, Folder, Message, MessageFolder, Thread
from mail.search import index
from mail.search.documents import document
from mail.store import cleaning
from mail.store.folders import FLAG_ROLES, add_unknown
from mail.store.rows import Find, Upsert
from mail.store.threads import COLUMNS, Placed, Row, summed_up
from mail.store.walks import Walk

_KEYS = ("connection", "provider_id")
_MESSAGE = [f.name for f in Message._meta.concrete_fields if f.name != "id"]
_store_messages = Upsert(Message, _MESSAGE, _KEYS, [name for name in _MESSAGE if name not in _KEYS])
_find_messages = Find(Message, "provider_id", ["provider_id", "id", "thread", "date"])
_find_threads = Find(Thread, "provider_id", ["provider_id", "id"])
_store_bodies = Upsert(Body, ["message", "text", "html"], ["message"], ["text", "html"])
_add_threads = Upsert(Thread, ["user", *_KEYS, *COLUMNS], _KEYS)
_store_memberships = Upsert(MessageFolder, ["message", "folder", "generation"], ["message", "folder"], ["generation"])
_FACTS = ["filename", "content_type", "size", "content_id", "inline"]
_store_attachments = Upsert(
    Attachment, ["message", "part_id", *_FACTS, "state", "explanation"], ["message", "part_id"], _FACTS
)
_said = itemgetter(*(_MESSAGE.index(name) for name in Row._fields[2:]))
_TO = _MESSAGE.index("to")
MessageRow = tuple[Any, ...]
# A message that is here already: its id, its thread and its date until now.
Known = dict[str, tuple[int, int, datetime]]


def upsert(
    connection: Connection, records: Iterable[MailRecord], folders: dict[str, Folder], walk: Walk
) -> tuple[set[int], dict[int, list[Placed]]]:
    """Store whole messages with bodies, attachments, words and exact memberships.

    Answers the threads to derive, and the messages of those that have no others.
    """
    latest = {cleaning.identifier(r.id): r for r in records}
    if not latest:
        return set(), {}
    add_unknown(connection, folders, {i for r in latest.values() for i in r.folder_ids})
    known = _present(connection, latest)
    rows = {i: _message(connection, i, r, walk.number) for i, r in sorted(latest.items())}
    threads, whole = _threads(connection, rows, latest, folders)
    _store_messages((*row[:1], threads[_thread_key(latest[i])], *row[2:]) for i, row in rows.items())
    ids = {i: pk for i, (pk, _, _) in (known if len(known) == len(latest) else _present(connection, latest)).items()}
    stored = [(ids[i], r) for i, r in latest.items()]
    _store_bodies((pk, cleaning.text(r.text), cleaning.text(r.html)) for pk, r in stored)
    before = {pk: date for pk, _, date in known.values()}
    _attachments(stored, before)
    _memberships(stored, folders, walk, before)
    index.put([_document(pk, r) for pk, r in stored], before)
    touched = {threads[_thread_key(r)] for r in latest.values()} | {thread for _, thread, _ in known.values()}
    return touched, whole


def _present(connection: Connection, latest: dict[str, MailRecord]) -> Known:
    return {i: (pk, thread, date) for i, pk, thread, date in _find_messages(connection, latest)}


def _thread_key(record: MailRecord) -> str:
    return cleaning.identifier(record.thread_id or record.id)


def _threads(
    connection: Connection, rows: dict[str, MessageRow], latest: dict[str, MailRecord], folders: dict[str, Folder]
) -> tuple[dict[str, int], dict[int, list[Placed]]]:
    """The threads of these messages by their keys; and those that were made for them, with all their messages."""
    wanted = {_thread_key(r) for r in latest.values()}
    found = dict(_find_threads(connection, wanted))
    if not (missing := sorted(wanted - found.keys())):
        return found, {}
    placed: dict[str, list[Placed]] = {key: [] for key in missing}
    letters: dict[int, list[list[str]]] = {}
    for number, (provider_id, row) in enumerate(rows.items()):
        if (of := placed.get(_thread_key(latest[provider_id]))) is not None:
            within = [f for f in (folders[i] for i in latest[provider_id].folder_ids) if f.role not in FLAG_ROLES]
            # Messages that are not here yet have no ids: their numbers are in the same order.
            of.append(Placed(Row(number, 0, *_said(row)), [f.pk for f in within], {f.role for f in within}))
            letters[number] = row[_TO]
    for messages in placed.values():
        messages.sort(key=lambda m: (m.row.date, m.row.id))
    added = _add_threads(
        (connection.user_id, connection.pk, key, *summed_up(messages, letters, connection))
        for key, messages in placed.items()
    )
    made = dict(_find_threads(connection, missing))
    # Another folder of the same account may have been storing the same thread: then its row was taken.
    return found | made, {pk: placed[key] for key, pk in made.items()} if added == len(missing) else {}


def _message(connection: Connection, provider_id: str, record: MailRecord, generation: int) -> MessageRow:
    """In the order of the model's fields, with no thread yet."""
    return (
        connection.pk,
        None,
        provider_id,
        cleaning.line(record.message_id, 512),
        record.date,
        cleaning.line(record.sender.name, 200),
        cleaning.line(record.sender.email, 320),
        cleaning.addresses(record.to),
        cleaning.addresses(record.cc),
        cleaning.addresses(record.bcc),
        cleaning.addresses(record.reply_to),
        cleaning.line(record.subject, 1000),
        cleaning.snippet(record.snippet or record.text[:1000]),
        record.unread,
        record.starred,
        record.draft,
        any(not (a.inline and a.content_id) for a in record.attachments),
        record.has_invitation,
        max(record.size, 0),
        cleaning.line(record.etag, 255),
        cleaning.line(record.list_unsubscribe, 1000),
        generation,
        None,
    )


def _document(message_id: int, record: MailRecord) -> index.Document:
    recipients = (*record.to, *record.cc, *record.bcc)
    return document(
        message_id,
        record.date,
        cleaning.line(record.subject, 1000),
        (cleaning.text(record.sender.name), cleaning.text(record.sender.email)),
        [(cleaning.text(person.name), cleaning.text(person.email)) for person in recipients],
        cleaning.text(record.text),
        cleaning.text(record.html),
        [cleaning.text(a.filename) for a in record.attachments],
    )


def _attachments(stored: Sequence[tuple[int, MailRecord]], known: Iterable[int]) -> None:
    """Keep rows whose part is still there: their content may have been fetched already."""
    wanted = {(pk, cleaning.identifier(a.part_id)): a for pk, r in stored for a in r.attachments}
    present = Attachment.objects.filter(message__in=list(known)).values_list("pk", "message_id", "part_id")
    stale = [pk for pk, message_id, part_id in present if (message_id, part_id) not in wanted] if known else []
    if stale:
        Attachment.objects.filter(pk__in=stale).delete()
    _store_attachments(
        (
            message_id,
            part_id,
            cleaning.line(a.filename, 255),
            cleaning.line(a.content_type, 127).lower(),
            max(a.size, 0),
            cleaning.line(a.content_id, 255).strip("<>"),
            a.inline,
            Attachment.State.ABSENT.value,
            "",
        )
        for (message_id, part_id), a in wanted.items()
    )


def _memberships(
    stored: Sequence[tuple[int, MailRecord]], folders: dict[str, Folder], walk: Walk, known: Iterable[int]
) -> None:
    wanted = {(pk, folders[i].pk) for pk, r in stored for i in r.folder_ids if folders[i].role not in FLAG_ROLES}
    present = MessageFolder.objects.filter(message__in=list(known)).values_list("pk", "message_id", "folder_id")
    stale = [pk for pk, message_id, folder_id in present if (message_id, folder_id) not in wanted] if known else []
    if stale:
        MessageFolder.objects.filter(pk__in=stale).delete()
    _store_memberships((m, f, walk.of(f)) for m, f in sorted(wanted))
