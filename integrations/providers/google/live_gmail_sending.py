"""Gmail for scripts, the half that writes: sending, replying, forwarding, drafts."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from integrations.errors import PermanentFailure
from integrations.providers.base import Session
from integrations.providers.compose import Attached, Recipients, addresses, message
from integrations.providers.google.api import call, gmail_messages, gmail_users
from integrations.providers.google.gmail import GmailClient
from integrations.providers.google.live_pages import Json, first, walk

ME = "me"


class GmailSending:
    """What ``GmailApi`` sends. A send is never repeated by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._users = gmail_users(session.endpoints["gmail"])
        self._messages = gmail_messages(session.endpoints["gmail"])

    def send_email(
        self,
        to: Recipients,
        subject: str,
        body: str,
        html: bool = False,
        *,
        cc: Recipients | None = None,
        bcc: Recipients | None = None,
        attachments: Sequence[Attached | Path | str] = (),
    ) -> Json:
        """Send a message; ``html`` says that ``body`` is HTML. The answer has its ``id`` and ``threadId``.

        >>> gmail.send_email("ben@example.org", "Hello", "How are you?")  # doctest: +SKIP
        """
        text, markup = ("", body) if html else (body, "")
        return self._send(message(to, subject, text, markup, cc=cc, bcc=bcc, attachments=attachments))

    def send_message(self, data: Mapping[str, Any]) -> Json:
        """Send what is described: Gmail's own ``{"raw": …, "threadId": …}``, or ``to``, ``subject``, ``body``,
        ``html``, ``cc``, ``bcc`` and ``attachments``, where ``html`` is the HTML beside the plain ``body``.

        Raises ``PermanentFailure`` for a message to nobody.
        """
        if "raw" in data:
            body: Any = dict(data)
            return dict(call(self._session, self._messages.send(userId=ME, body=body)))
        return self._send(_composed(data), str(data.get("threadId") or ""))

    def reply(self, message_id: str, body: str, html: bool = False, reply_all: bool = False) -> Json:
        """Answer a message within its conversation, to its sender or to everybody."""
        known = self._headers(message_id)
        to = addresses(known.get("reply-to") or known.get("from"))
        everybody = [*addresses(known.get("to")), *addresses(known.get("cc"))] if reply_all else []
        own = self._session.account_email.casefold()
        cc = [a for a in everybody if own not in a.casefold() and a not in to]
        raw = message(
            to, _prefixed("Re", known), *(("", body) if html else (body, "")), cc=cc, headers=_references(known)
        )
        return self._send(raw, known["thread"])

    def forward(self, message_id: str, to: Recipients, body: str = "") -> Json:
        """Send a message on, attached whole, so that nothing of it is lost."""
        known = self._headers(message_id)
        source = GmailClient(self._session).source(message_id)
        original = Attached(f"{known.get('subject') or 'message'}.eml", source, "application/octet-stream")
        return self._send(message(to, _prefixed("Fwd", known), body, attachments=[original]))

    def list_drafts(self, max_results: int | None = 100) -> list[Json]:
        """Drafts with the ids of their messages."""
        drafts = self._users.drafts()
        return first(walk(self._session, lambda p: drafts.list(userId=ME, **cast(Any, p)), "drafts"), max_results)

    def create_draft(self, data: Mapping[str, Any]) -> Json:
        """Keep a draft; ``data`` as in ``send_message``."""
        return self._draft(self._users.drafts().create, data)

    def update_draft(self, draft_id: str, data: Mapping[str, Any]) -> Json:
        """Put another text in a draft's place."""
        return self._draft(self._users.drafts().update, data, id=draft_id)

    def send_draft(self, draft_id: str) -> Json:
        """Send a draft; the answer is the message."""
        body: Any = {"id": draft_id}
        return dict(call(self._session, self._users.drafts().send(userId=ME, body=body)))

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft for good."""
        call(self._session, self._users.drafts().delete(userId=ME, id=draft_id))

    def _draft(self, method: Any, data: Mapping[str, Any], **options: str) -> Json:
        inner: Json = {"raw": data["raw"]} if "raw" in data else {"raw": _encoded(_composed(data))}
        if data.get("threadId"):
            inner["threadId"] = data["threadId"]
        return dict(call(self._session, method(userId=ME, body={"message": inner}, **options)))

    def _send(self, raw: bytes, thread_id: str = "") -> Json:
        body: Any = {"raw": _encoded(raw), **({"threadId": thread_id} if thread_id else {})}
        return dict(call(self._session, self._messages.send(userId=ME, body=body)))

    def _headers(self, message_id: str) -> dict[str, str]:
        """A message's headers by name in lower case, and its ``thread``."""
        answer = call(self._session, self._messages.get(userId=ME, id=message_id, format="metadata"))
        headers = (answer.get("payload") or {}).get("headers") or ()
        return {h["name"].lower(): " ".join(h["value"].split()) for h in headers} | {"thread": str(answer["threadId"])}


def _composed(data: Mapping[str, Any]) -> bytes:
    """Raises ``PermanentFailure`` for a message to nobody."""
    if not addresses(data.get("to")) and not addresses(data.get("cc")) and not addresses(data.get("bcc")):
        raise PermanentFailure("A message needs somebody in to, cc or bcc.", code="recipients")
    return message(
        data.get("to") or (),
        str(data.get("subject") or ""),
        str(data.get("body") or ""),
        str(data.get("html") or ""),
        cc=data.get("cc"),
        bcc=data.get("bcc"),
        attachments=data.get("attachments") or (),
    )


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _prefixed(prefix: str, known: Mapping[str, str]) -> str:
    subject = known.get("subject", "")
    return subject if subject.casefold().startswith(f"{prefix.casefold()}:") else f"{prefix}: {subject}"


def _references(known: Mapping[str, str]) -> list[tuple[str, str]]:
    """What puts an answer into its conversation (RFC 5322, 3.6.4; Gmail API, "Managing threads")."""
    mine = known.get("message-id", "")
    return [("In-Reply-To", mine), ("References", f"{known.get('references', '')} {mine}".strip())]
