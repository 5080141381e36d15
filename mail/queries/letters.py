"""Letters that are not sent yet: of one conversation, or all of a user's that need them. The outbox holds them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Operation
from mail.models import Thread

MOST = 20
# The code of a letter that its writer took back before it went.
HELD = "held"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A letter as it stands below its conversation; all words are ready."""

    id: str
    to: str
    subject: str
    text: str
    state: str
    words: str
    holdable: bool

    @property
    def refused(self) -> bool:
        return self.state == ChangeState.REFUSED


def of_thread(thread: Thread) -> list[Unsent]:
    """One query. A letter waits as well where an edit of the account that goes before it cannot be sent."""
    mine = Q(operation=Operation.MAIL_SEND, payload__thread_id=thread.provider_id)
    stuck = Q(state=ChangeState.WAITING) & ~Q(error="")
    rows = Change.objects.filter(mine | stuck, connection=thread.connection_id).exclude(state=ChangeState.DONE)
    changes = list(rows.select_related("connection").order_by("number"))
    before = next((c.error for c in changes if c.error and c.state == ChangeState.WAITING), "")
    letters = (c for c in changes if c.operation == Operation.MAIL_SEND)
    return [unsent(c, before) for c in letters if c.payload.get("thread_id") == thread.provider_id]


def apart(user: User) -> list[Unsent]:
    """Refused letters that belong to no conversation. One query."""
    rows = Change.objects.filter(
        connection__user=user,
        operation=Operation.MAIL_SEND,
        state=ChangeState.REFUSED,
        payload__thread_id__isnull=True,
    ).select_related("connection")
    return [unsent(change) for change in rows.order_by("-number")[:MOST]]


def unsent(change: Change, before: str = "") -> Unsent:
    people = [person for kind in ("to", "cc", "bcc") for person in change.payload.get(kind, ())]
    names = [name or email for email, name in people]
    return Unsent(
        str(change.id),
        ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
        str(change.payload.get("subject") or "No subject"),
        str(change.payload.get("text") or ""),
        change.state,
        _words(change, before),
        change.state == ChangeState.WAITING and not change.attempts,
    )


def _words(change: Change, before: str) -> str:
    vendor = change.connection.provider_spec.name
    if change.state == ChangeState.REFUSED:
        if change.error_code == HELD:
            return "Not sent: you took it back."
        return f"{vendor} did not send this. {change.error}".strip()
    if error := change.error or before:
        return f"Kept here and not sent yet. {error} It is tried again by itself."
    return f"On its way to {vendor}."
