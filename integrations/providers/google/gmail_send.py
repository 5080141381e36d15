"""Sends a letter through Gmail, once: one that may have gone out already is looked for by its Message-ID first.

Gmail API, users.messages.send and "Search operators" (rfc822msgid). A reply joins its thread by ``threadId`` and the
headers that name what it answers. What is forwarded goes along as it came, in a file.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from integrations.errors import NotFound
from integrations.providers import letters
from integrations.providers.base import Session
from integrations.providers.google.api import call, gmail_messages
from integrations.records import ChangeRecord


def send(session: Session, change: ChangeRecord, source: Callable[[str], bytes]) -> str:
    """Send the letter of a change, unless an earlier attempt did. Answers the sent message's id.

    ``source`` fetches a message as it came. Raises ``NotFound`` where what is to go along is gone.
    """
    messages = gmail_messages(session.endpoints["gmail"])
    if change.repeated:
        sought = f"rfc822msgid:{letters.message_id(change).strip('<>')}"
        found = call(session, messages.list(userId="me", q=sought, includeSpamTrash=True)).get("messages") or ()
        if found:
            return str(found[0]["id"])
    forwarded = letters.forwarded(change)
    letter = letters.written(change, session.account_email, source(forwarded) if forwarded else b"")
    raw = base64.urlsafe_b64encode(letter).decode()
    thread = "" if forwarded else str(change.payload.get("thread_id") or "")
    try:
        return str(call(session, messages.send(userId="me", body={"raw": raw, "threadId": thread}))["id"])
    except NotFound:
        if not thread:
            raise
        # The conversation is gone meanwhile; the letter need not be.
        return str(call(session, messages.send(userId="me", body={"raw": raw}))["id"])
