"""One page of a list of conversations, newest first, by keyset: the millionth page costs what the first does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from accounts.clock import Clock
from accounts.models import User
from integrations.models import Connection
from mail.models import MailVersion, Thread, ThreadFolder
from mail.queries.mailboxes import Mailboxes
from mail.queries.selection import Selection

PAGE = 50
# A refreshed list shows again what was loaded before, up to this many rows.
MOST = 300
_FLAGS = {
    "inbox": Q(in_inbox=True),
    "starred": Q(starred=True),
    "archive": Q(archived=True),
    "all": Q(in_all=True),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the list shows; all words are ready."""

    id: int
    href: str
    colour: str
    account: str
    who: str
    count: int
    subject: str
    snippet: str
    time: str
    iso: str
    unread: bool
    starred: bool
    attachments: bool
    invitation: bool
    draft: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows and where the next begins (empty: here the list ends)."""

    rows: list[Row]
    older: str


def page(
    user: User, mailboxes: Mailboxes, selection: Selection, clock: Clock, *, before: str = "", size: int = PAGE
) -> Listing:
    """One query. ``before`` is the ``older`` of the page above; what is no such text starts at the top."""
    found = _placed(user, mailboxes, selection) if _role(selection) else _flagged(user, mailboxes, selection)
    position = _position(before)
    if position is not None:
        at, pk = position
        key = "thread_id" if found.model is ThreadFolder else "id"
        found = found.filter(Q(last_at__lt=at) | Q(last_at=at, **{f"{key}__lt": pk}), last_at__lte=at)
    threads = [_thread(each) for each in found[: size + 1]]
    rows = [row(t, mailboxes.accounts[t.connection_id].connection, selection, clock) for t in threads[:size]]
    older = f"{_stamp(threads[size - 1].last_at)}-{threads[size - 1].pk}" if len(threads) > size else ""
    return Listing(rows, older)


def version(mailboxes: Mailboxes) -> str:
    """Another text after every change of the user's mail."""
    numbers = MailVersion.objects.filter(connection__in=list(mailboxes.accounts)).values_list("connection_id", "number")
    return "-".join(str(number) for _, number in sorted(numbers))


def own_thread(user: User, thread_id: int) -> Thread | None:
    """The user's conversation of that id."""
    return Thread.objects.filter(user=user, pk=thread_id).first()


def _role(selection: Selection) -> str:
    """Whether the list is made of folders; a folder has its own role, which need not name a box."""
    return selection.folder.role if selection.folder else selection.box.role


def _placed(user: User, mailboxes: Mailboxes, selection: Selection) -> QuerySet[ThreadFolder]:
    rows = ThreadFolder.objects.select_related("thread").order_by("-last_at", "-thread_id")
    if selection.folder:
        return rows.filter(folder=selection.folder)
    if selection.account:
        folders = mailboxes.with_role(selection.box.role)
        return rows.filter(folder__in=[f.pk for f in folders if f.connection_id == selection.account.pk])
    rows = rows.filter(user=user, role=selection.box.role)
    # Only where there are such: listing what is shown instead would keep databases from reading in order.
    return rows.exclude(thread__connection__in=mailboxes.hidden) if mailboxes.hidden else rows


def _flagged(user: User, mailboxes: Mailboxes, selection: Selection) -> QuerySet[Thread]:
    rows = Thread.objects.filter(_FLAGS[selection.box.id]).order_by("-last_at", "-id")
    if selection.account:
        return rows.filter(connection=selection.account)
    rows = rows.filter(user=user)
    return rows.exclude(connection__in=mailboxes.hidden) if mailboxes.hidden else rows


def _thread(found: Thread | ThreadFolder) -> Thread:
    """A row of a folder is dated by its newest message there."""
    if isinstance(found, Thread):
        return found
    found.thread.last_at = found.last_at
    return found.thread


def _stamp(at: datetime) -> int:
    """Microseconds, exactly."""
    since = at - datetime.fromtimestamp(0, UTC)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _position(before: str) -> tuple[datetime, int] | None:
    stamp, _, pk = before.rpartition("-")
    try:
        seconds, micros = divmod(int(stamp), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), int(pk)
    except (ValueError, OverflowError, OSError):
        return None


def row(thread: Thread, connection: Connection, selection: Selection, clock: Clock) -> Row:
    """A conversation as a list of this selection shows it."""
    query = selection.query
    return Row(
        id=thread.pk,
        href=f"/inbox/{thread.pk}/{'?' + query if query else ''}",
        colour=connection.colour,
        account=connection.display_name,
        who=(thread.recipients if selection.shows_recipients else "") or thread.participants,
        count=thread.message_count if thread.message_count > 1 else 0,
        subject=thread.subject or "No subject",
        snippet=thread.snippet,
        time=clock.short(thread.last_at),
        iso=thread.last_at.isoformat(),
        unread=thread.unread_count > 0,
        starred=thread.starred,
        attachments=thread.has_attachments,
        invitation=thread.has_invitation,
        draft=thread.has_draft,
    )
