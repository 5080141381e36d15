"""Sending letters: they go into the outbox, are held for a moment in which they can be taken back, and wait there when
their provider is away. What a letter says is made in ``draft``; sending it is left to the outbox.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.outbox import queue
from integrations.records import Operation, Service
from mail.draft import KINDS, Letter
from mail.models import Message, Thread
from mail.queries.letters import HELD

# How long a letter can be taken back. Edits of the same account that come after it wait as long.
HOLD = timedelta(seconds=10)


@transaction.atomic
def send(
    connection: Connection,
    letter: Letter,
    answered: Message | None = None,
    instead_of: UUID | None = None,
    *,
    forwarded: Message | None = None,
) -> Change:
    """Send a letter; as an answer, in the conversation of what it answers. ``instead_of``: one that was not sent.

    ``forwarded`` goes along, whole; until it is sent the letter stands below that message's conversation.
    """
    payload: dict[str, Any] = {kind: letter.people(kind) for kind in KINDS}
    payload |= {"subject": letter.subject, "text": letter.text}
    if forwarded is not None:
        payload |= {"thread_id": forwarded.thread.provider_id, "forward": forwarded.provider_id}
    if answered is not None:
        before = Message.objects.filter(thread=answered.thread, date__lte=answered.date).exclude(message_id="")
        payload |= {
            "thread_id": answered.thread.provider_id,
            "reply_to": answered.provider_id,
            "in_reply_to": answered.message_id,
            "references": list(before.order_by("date", "pk").values_list("message_id", flat=True))[-20:],
        }
    if instead_of is not None:
        unsent = own(connection.user, instead_of)
        payload = {k: v for k, v in unsent.payload.items() if k not in payload} | payload
        unsent.delete()
    change = queue.enqueue(connection, Service.MAIL, Operation.MAIL_SEND, "", payload)
    Change.objects.filter(pk=change.pk).update(due_at=timezone.now() + HOLD)
    return change


def hold_back(user: User, change_id: UUID) -> bool:
    """Take a letter back before it goes. False where it is too late."""
    waiting = Change.objects.filter(
        connection__user=user, operation=Operation.MAIL_SEND, id=change_id, state=ChangeState.WAITING, attempts=0
    )
    return bool(waiting.update(state=ChangeState.REFUSED, error="You took it back.", error_code=HELD))


def own(user: User, change_id: UUID) -> Change:
    """A letter of the user's that was not sent. Raises ``Http404``."""
    letters = Change.objects.filter(connection__user=user, operation=Operation.MAIL_SEND, state=ChangeState.REFUSED)
    change = letters.select_related("connection").filter(id=change_id).first()
    if change is None:
        raise Http404
    return change


def to_answer(thread: Thread, owner: str, message_id: int = 0) -> Message:
    """The message that an answer is to: the one named, else the newest that was received. Raises ``Http404``."""
    rows = Message.objects.filter(thread=thread, detached_at=None, draft=False).select_related("thread", "body")
    found = list(rows.order_by("-date", "-pk"))
    received = [m for m in found if m.sender_email.casefold() != owner.casefold()]
    chosen = next((m for m in found if m.pk == message_id), None) or next(iter([*received, *found]), None)
    if chosen is None:
        raise Http404
    return chosen
