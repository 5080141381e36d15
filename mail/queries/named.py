"""What edits in the outbox are about, for the page that lists them all."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.models import Change
from integrations.records import Operation
from mail.models import Message, Thread


def named(changes: Sequence[Change]) -> dict[int, tuple[str, str]]:
    """The subject and the address of each edit's conversation, by the edit's number. Two queries."""
    connections = {c.connection_id for c in changes}
    messages = Message.objects.filter(connection__in=connections, provider_id__in={c.target_id for c in changes})
    threads = Thread.objects.filter(
        connection__in=connections, provider_id__in={str(c.payload.get("thread_id") or "") for c in changes}
    )
    rows = messages.values_list("connection_id", "provider_id", "subject", "thread_id")
    by_message = {(connection, i): (subject, thread) for connection, i, subject, thread in rows}
    by_thread = {(t.connection_id, t.provider_id): t.pk for t in threads.only("connection_id", "provider_id")}
    found: dict[int, tuple[str, str]] = {}
    for change in changes:
        if change.operation == Operation.MAIL_SEND:
            thread = by_thread.get((change.connection_id, str(change.payload.get("thread_id") or "")), 0)
            path = f"/inbox/{thread}/#below" if thread else f"/inbox/new/?again={change.id}"
            found[change.number] = (str(change.payload.get("subject") or "No subject"), path)
        else:
            subject, thread = by_message.get((change.connection_id, change.target_id), ("", 0))
            found[change.number] = (subject or "A message", f"/inbox/{thread}/" if thread else "")
    return found
