"""Derives conversations from their messages: everything a row of a list shows, and the counters of folders.

Runs after each page for the threads that it touched, in a fixed number of queries. Decides nothing about messages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Ids
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.db.models import F

from integrations.models import Connection
from integrations.records import Role
from mail.models import Folder, MailVersion, Message, MessageFolder, Thread, ThreadFolder
from mail.store.rows import Update, Upsert, among

_AWAY = {Role.TRASH.value, Role.SPAM.value}
_NOT_ARCHIVE = {Role.INBOX.value, Role.SENT.value, Role.DRAFTS.value, *_AWAY}
COLUMNS = (
    "subject",
    "snippet",
    "participants",
    "recipients",
    "last_at",
    "message_count",
    "unread_count",
    "starred",
    "has_attachments",
    "has_invitation",
    "has_draft",
    "in_inbox",
    "in_all",
    "archived",
)
_store_threads = Update(Thread, COLUMNS)
_store_places = Upsert(
    ThreadFolder,
    ("thread", "folder", "user", "role", "last_at", "unread"),
    ("thread", "folder"),
    ("role", "last_at", "unread"),
)
_CHUNK = 400


class Row(NamedTuple):
    """What a conversation needs to know of a message, by the names of its columns."""

    id: int
    thread_id: int
    date: datetime
    sender_name: str
    sender_email: str
    subject: str
    snippet: str
    unread: bool
    starred: bool
    draft: bool
    has_attachments: bool
    has_invitation: bool
    detached_at: datetime | None = None


class Placed(NamedTuple):
    """A message with the folders it is in, and what these mean."""

    row: Row
    folders: list[int]
    roles: set[str]


class _Place(NamedTuple):
    """A conversation's presence in a folder, by the names of ``ThreadFolder``."""

    thread_id: int
    folder_id: int
    user_id: UUID
    role: str
    last_at: datetime
    unread: bool


# Threads that the caller's transaction has just made, with their columns as ``summed_up``; they have no other messages.
Whole = Mapping[int, list[Placed]]


def derive(
    connection: Connection,
    thread_ids: Ids[int],
    whole: Whole = MappingProxyType({}),
    known: Iterable[Folder] | None = None,
) -> None:
    """Bring these threads of a connection in line with their messages; drop the ones that have none.

    Of those that are ``whole`` only their places in folders are left to do. ``known`` are all folders, where the caller
    has them.
    """
    ids = sorted(thread_ids)
    if not ids:
        return
    rows = Folder.objects.filter(connection=connection).only("role") if known is None else known
    folders = {f.pk: f.role for f in rows}
    for start in range(0, len(ids), _CHUNK):
        _derive_chunk(connection, ids[start : start + _CHUNK], folders, whole)
    version = MailVersion.objects.filter(connection=connection)
    if not version.update(number=F("number") + 1):
        MailVersion.objects.bulk_create([MailVersion(connection=connection)], ignore_conflicts=True)
        version.update(number=F("number") + 1)


def _derive_chunk(connection: Connection, ids: list[int], folders: dict[int, str], whole: Whole) -> None:
    # Another folder of the account may be storing messages of the same threads: wait for it, then read what it stored.
    # Not for its keys: both hold those already, by the messages that point to them.
    present = [i for i in ids if i not in whole]
    rows = Thread.objects.select_for_update(no_key=True).filter(pk__in=among(present)).order_by("pk")
    said = {pk: tuple(facts) for pk, *facts in rows.values_list("pk", *COLUMNS)} if present else {}
    placed = _placed(present, folders) if present else {}
    letters = _letters(placed, connection)
    derived = {i: summed_up(placed[i], letters, connection) for i in said if i in placed}
    _store_threads((*columns, i) for i, columns in derived.items() if columns != said[i])
    shown = {i: whole[i] for i in ids if i in whole} | {i: placed[i] for i in derived}
    _place(present, [place for i in shown for place in _places(i, connection.user_id, shown[i], folders)])
    if gone := [i for i in present if i not in placed]:
        Thread.objects.filter(pk__in=gone).delete()


def _placed(ids: list[int], folders: dict[int, str]) -> dict[int, list[Placed]]:
    """The messages of each conversation, oldest first."""
    memberships: dict[int, list[int]] = defaultdict(list)
    places = MessageFolder.objects.filter(message__thread__in=among(ids))
    for message_id, folder_id in places.values_list("message_id", "folder_id"):
        if folder_id in folders:
            memberships[message_id].append(folder_id)
    found: dict[int, list[Placed]] = {}
    messages = Message.objects.filter(thread__in=among(ids)).order_by("date", "id")
    for row in map(Row._make, messages.values_list(*Row._fields)):
        within = memberships.get(row.id, [])
        found.setdefault(row.thread_id, []).append(Placed(row, within, {folders[f] for f in within}))
    return found


def _letters(placed: dict[int, list[Placed]], connection: Connection) -> dict[int, list[list[str]]]:
    """Whom the owner's own messages are to, by message."""
    owner = connection.email.casefold()
    own = [m.row.id for ms in placed.values() for m in ms if _is_own(m.row, owner)]
    return dict(Message.objects.filter(pk__in=own).values_list("pk", "to")) if own else {}


def _is_own(row: Row, owner: str) -> bool:
    return row.draft or row.sender_email.casefold() == owner


def summed_up(
    placed: list[Placed], letters: Mapping[int, list[list[str]]], connection: Connection
) -> tuple[object, ...]:
    """A conversation's columns, in the order of ``COLUMNS``. ``letters``: whom the owner's own messages are to."""
    owner = connection.email.casefold()
    present = [m for m in placed if m.row.detached_at is None]
    kept = [m for m in present if not m.roles & _AWAY]
    shown = kept or present or placed
    rows = [m.row for m in shown]
    in_inbox = any(Role.INBOX.value in m.roles for m in kept)
    return (
        rows[0].subject[:300],
        rows[-1].snippet,
        _participants(rows, owner),
        _recipients(rows, letters, owner),
        rows[-1].date,
        len(rows) if present else 0,
        sum(r.unread for r in rows) if present else 0,
        any(m.row.starred for m in kept),
        any(r.has_attachments for r in rows),
        any(r.has_invitation for r in rows),
        any(m.row.draft for m in kept),
        in_inbox,
        bool(kept),
        not in_inbox and any(not m.roles & _NOT_ARCHIVE and not m.row.draft for m in kept),
    )


def _name(name: str, email: str) -> str:
    return name or email or "No sender"


def _participants(rows: list[Row], owner: str) -> str:
    names: dict[str, str] = {}
    for row in reversed(rows):
        names.setdefault(row.sender_email.casefold() or row.sender_name, _name(row.sender_name, row.sender_email))
    others = [name for email, name in names.items() if email != owner]
    if not others:
        return "You"
    if len(others) == 1:
        return others[0][:250]
    shown = [_short(name) for name in others[:3]]
    return (", ".join(shown) + (f" and {len(others) - 3} more" if len(others) > 3 else ""))[:250]


def _short(name: str) -> str:
    """The first name of "Ingrid Solheim"; anything else as it is."""
    first = name.split()[0] if name.split() else name
    return first if len(first) > 2 and "@" not in name and "," not in first else name


def _recipients(rows: list[Row], letters: Mapping[int, list[list[str]]], owner: str) -> str:
    for row in reversed(rows):
        if _is_own(row, owner):
            names = [_name(name, email) for name, email in letters.get(row.id, ())]
            if not names:
                return "Nobody yet" if row.draft else ""
            return (f"To {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else ""))[:250]
    return ""


def _places(thread_id: int, user_id: UUID, placed: list[Placed], roles: dict[int, str]) -> Iterable[_Place]:
    found: dict[int, _Place] = {}
    for row, folders, _ in placed:
        if row.detached_at is not None:
            continue
        for folder in folders:
            before = found.get(folder)
            last_at = max(before.last_at, row.date) if before else row.date
            unread = row.unread or (before is not None and before.unread)
            found[folder] = _Place(thread_id, folder, user_id, roles[folder], last_at, unread)
    return found.values()


def _place(ids: list[int], wanted: list[_Place]) -> None:
    """Make the rows per folder of threads be exactly these, and move the folders' counters by the difference.

    ``ids`` are those that may have some already.
    """
    rows = ThreadFolder.objects.filter(thread__in=among(ids)).values_list("pk", *_Place._fields)
    present = {pk: _Place._make(facts) for pk, *facts in rows} if ids else {}
    keys, same = {p[:2] for p in wanted}, set(present.values())
    if gone := [pk for pk, place in present.items() if place[:2] not in keys]:
        ThreadFolder.objects.filter(pk__in=gone).delete()
    _store_places(sorted(place for place in wanted if place not in same))
    before, after = _totals(present.values()), _totals(wanted)
    for folder_id in sorted(before.keys() | after.keys()):
        threads, unread = (a - b for a, b in zip(after[folder_id], before[folder_id], strict=True))
        if threads or unread:
            Folder.objects.filter(pk=folder_id).update(threads=F("threads") + threads, unread=F("unread") + unread)


def _totals(places: Iterable[_Place]) -> defaultdict[int, tuple[int, int]]:
    totals: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for place in places:
        threads, unread = totals[place.folder_id]
        totals[place.folder_id] = (threads + 1, unread + place.unread)
    return totals
