"""users: whose mailbox a call is about, and its profile."""

from __future__ import annotations

from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError
from sandbox.google.gmail.mailbox import Mailbox


def mailbox_of(call: Call) -> Mailbox:
    """The caller's own mailbox; any other is refused as Gmail refuses it."""
    user = call.path["userId"]
    if user != "me" and user.lower() != call.account.email.lower():
        raise GoogleError(403, "forbidden", f"Delegation denied for {call.account.email}")
    return Mailbox(call.store, call.account.id)


def profile(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    counted = call.store.row(
        "SELECT count(*) AS messages, count(DISTINCT thread_id) AS threads FROM gmail_message WHERE account_id = ?",
        call.account.id,
    )
    assert counted is not None
    return {
        "emailAddress": call.account.email,
        "messagesTotal": counted["messages"],
        "threadsTotal": counted["threads"],
        "historyId": str(mailbox.history_id()),
    }


TABLE = {"gmail.users.getProfile": Row(profile, 1, 1)}
