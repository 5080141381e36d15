"""Attachments of events: list, get, bytes, add, remove. An occurrence has those of its series."""

from __future__ import annotations

from sandbox.accounts import Account
from sandbox.microsoft.calendar import keeping
from sandbox.microsoft.calendar import store as events
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.mail import attachments
from sandbox.store import Store


def index(call: Call, event: str) -> Answer:
    """GET …/attachments."""
    row = events.find(call, event).row
    return attachments.index(call, f"events('{event}')/attachments", event=row["id"])


def one(call: Call, event: str, attachment: str) -> Answer:
    """GET …/attachments/{id}."""
    row = events.find(call, event).row
    return attachments.one(call, attachments.find(call, attachment, event=row["id"]))


def content(call: Call, event: str, attachment: str) -> Answer:
    """GET …/attachments/{id}/$value."""
    row = events.find(call, event).row
    return attachments.content(call, attachments.find(call, attachment, event=row["id"]))


def add(call: Call, event: str) -> Answer:
    """POST …/attachments."""
    part = attachments.given(call.json())
    number = keeping.own_row(call.store, call.account, events.find(call, event))["id"]
    made = attachments.add(call, part, event=number)
    refresh(call.store, call.account, number)
    context = call.context(f"events('{event}')/attachments", one=True)
    return Answer(201, {"@odata.context": context, **attachments.render(call, made, None)})


def remove(call: Call, event: str, attachment: str) -> Answer:
    """DELETE …/attachments/{id}."""
    row = events.find(call, event).row
    found = attachments.find(call, attachment, event=row["id"])
    with call.store.write() as db:
        db.execute("DELETE FROM graph_attachment WHERE id = ?", (found["id"],))
    refresh(call.store, call.account, row["id"])
    return Answer(204)


def refresh(store: Store, account: Account, number: int) -> None:
    """Let hasAttachments say what is so, and count the event as changed."""
    has = bool(store.value("SELECT 1 FROM graph_attachment WHERE event = ?", number))
    draft = keeping.draft_of(keeping.row_of(store, number))
    draft.fields["hasAttachments"] = has
    keeping.save(store, account, number, draft)
