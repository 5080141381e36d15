"""Outlook's mail for scripts, the half that writes: sending, replying, forwarding, drafts.

Sending makes a draft and sends that, so that the answer names the message that is in Sent Items afterwards.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from integrations.errors import PermanentFailure
from integrations.providers.base import Session
from integrations.providers.compose import Attached, Recipients, addresses
from integrations.providers.microsoft.graph import Graph, Json, path

# What goes into one request; more needs an upload session (Microsoft Graph, "Add attachment").
MOST_ATTACHED = 3 * 1024 * 1024
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


class OutlookSending:
    """What ``OutlookMailApi`` sends. A send is never repeated by itself."""

    def __init__(self, session: Session) -> None:
        self._graph = Graph(session)

    def send_email(
        self,
        to: Recipients,
        subject: str,
        body: str,
        cc: Recipients | None = None,
        bcc: Recipients | None = None,
        is_html: bool = False,
    ) -> Json:
        """Send a message; the answer is the message, whose ``id`` it keeps in Sent Items.

        >>> mail.send_email("ben@example.org", "Hello", "How are you?")  # doctest: +SKIP
        """
        return self.send_message(_described(to, subject, body, cc, bcc, is_html))

    def send_email_with_attachment(
        self,
        to: Recipients,
        subject: str,
        body: str,
        attachments: Sequence[Attached | Path | str],
        cc: Recipients | None = None,
        bcc: Recipients | None = None,
        is_html: bool = False,
    ) -> Json:
        """The same with files, by path or as ``Attached``. Raises ``PermanentFailure`` for one over 3 MB."""
        files = [_file(Attached.of(given)) for given in attachments]
        return self.send_message({**_described(to, subject, body, cc, bcc, is_html), "attachments": files})

    def send_message(self, data: Mapping[str, object]) -> Json:
        """Send a message in Graph's own shape."""
        draft = self.create_draft(data)
        self.send_draft(str(draft["id"]))
        return draft

    def reply(self, message_id: str, body: str, html: bool = False, reply_all: bool = False) -> None:
        """Answer a message within its conversation, to its sender or to everybody. ``html``: the body is HTML."""
        self._answer(message_id, "createReplyAll" if reply_all else "createReply", body, html)

    def forward(self, message_id: str, to: Recipients, body: str = "", html: bool = False) -> None:
        """Send a message on with its attachments."""
        self._answer(message_id, "createForward", body, html, toRecipients=_people(to))

    def list_drafts(self, max_results: int | None = 50) -> list[Json]:
        """The newest drafts; all of them for ``None``."""
        pages = self._graph.pages("/me/mailFolders/drafts/messages", {"$top": "50"})
        return list(islice(chain.from_iterable(pages), max_results))

    def create_draft(self, data: Mapping[str, object]) -> Json:
        """Keep a draft in Graph's own shape."""
        return self._graph.post("/me/messages", data)

    def update_draft(self, message_id: str, data: Mapping[str, object]) -> Json:
        """Change what ``data`` names in a draft."""
        return self._graph.patch(path("me", "messages", message_id), data)

    def send_draft(self, message_id: str) -> None:
        """Send a draft, which moves to Sent Items."""
        self._graph.post(path("me", "messages", message_id, "send"), {})

    def delete_draft(self, message_id: str) -> None:
        """Delete a draft for good."""
        self._graph.delete(path("me", "messages", message_id))

    def _answer(self, message_id: str, how: str, body: str, html: bool, **fields: object) -> None:
        """A comment is plain text to Graph, so HTML goes into the draft that it made, above the original."""
        draft = self._graph.post(path("me", "messages", message_id, how), {} if html else {"comment": body})
        if html:
            content = str((draft.get("body") or {}).get("content") or "")
            fields["body"] = {"contentType": "html", "content": _above(body, content)}
        if fields:
            self._graph.patch(path("me", "messages", str(draft["id"])), fields)
        self.send_draft(str(draft["id"]))


def _above(body: str, original: str) -> str:
    """HTML with more HTML at the top of its page."""
    opening = _BODY.search(original)
    at = opening.end() if opening else 0
    return original[:at] + body + original[at:]


def _people(given: Recipients | None) -> list[Json]:
    """Recipients as Graph names them; ``Name <address>`` keeps its name."""
    found = []
    for one in addresses(given):
        name, _, address = one.rpartition("<")
        mailbox = {"address": address.rstrip("> ") if name else one}
        if name.strip(' "'):
            mailbox["name"] = name.strip(' "')
        found.append({"emailAddress": mailbox})
    return found


def _described(
    to: Recipients, subject: str, body: str, cc: Recipients | None, bcc: Recipients | None, is_html: bool
) -> Json:
    return {
        "subject": subject,
        "body": {"contentType": "html" if is_html else "text", "content": body},
        "toRecipients": _people(to),
        "ccRecipients": _people(cc),
        "bccRecipients": _people(bcc),
    }


def _file(attached: Attached) -> Json:
    if len(attached.content) > MOST_ATTACHED:
        raise PermanentFailure(f"{attached.filename} is larger than the 3 MB that Outlook takes at once.", code="size")
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": attached.filename,
        "contentType": attached.kind,
        "contentBytes": base64.b64encode(attached.content).decode(),
    }
