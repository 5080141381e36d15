"""What every answer of the inbox is made from: the selection in the address, its list, its mailboxes, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.clock import Clock
from accounts.models import User
from mail.queries import found, mailboxes, progress, selection, threads
from mail.queries.mailboxes import Mailboxes
from mail.queries.progress import Progress
from mail.queries.selection import Selection
from mail.queries.threads import PAGE, Listing


def user_of(request: HttpRequest) -> User:
    """The signed-in user; views that call it require one."""
    return cast(User, request.user)


@dataclass(frozen=True, slots=True)
class State:
    """The reader, where they are, and what time it is for them. Its reads are those that every answer needs."""

    user: User
    clock: Clock
    mailboxes: Mailboxes
    selection: Selection
    progress: Progress
    version: str

    def page(self, *, before: str = "", size: int = PAGE) -> Listing:
        """The rows of the selection: what a search finds, or what lies there."""
        if self.selection.sought:
            return found.page(self.mailboxes, self.selection, self.clock, before=before, size=size)
        return threads.page(self.user, self.mailboxes, self.selection, self.clock, before=before, size=size)

    @property
    def list_path(self) -> str:
        query = self.selection.query
        return f"/inbox/{'?' + query if query else ''}"

    @property
    def suffix(self) -> str:
        """The selection as it goes behind another address."""
        return f"?{self.selection.query}" if self.selection.query else ""

    @property
    def unread_words(self) -> str:
        """How much is unread here, where that is counted."""
        chosen = self.selection
        if chosen.sought:
            return ""
        if chosen.folder:
            count = chosen.folder.unread
        elif chosen.box.id == "inbox":
            count = self.mailboxes.unread(chosen.account.pk if chosen.account else None)
        else:
            return ""
        return f"{count:,} unread" if count else ""


def read(request: HttpRequest) -> State:
    """Five queries. Raises ``Http404`` for an account or folder that is not the user's."""
    user = user_of(request)
    clock = Clock.of(user, timezone.now())
    boxes = mailboxes.of_user(user)
    chosen = selection.read(request.GET, boxes)
    far = progress.of_mailboxes(boxes, clock)
    arrived = sum(a.walked for a in far.arriving)
    return State(user, clock, boxes, chosen, far, f"{threads.version(boxes)}.{arrived}.{far.fresh}")


def number(value: str | None) -> int:
    """A count or an id from a form; 0 for anything else."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 19 else 0
