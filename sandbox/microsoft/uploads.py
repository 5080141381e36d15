"""Upload sessions: attachments from 3 to 150 MB, in ranges, to an address of their own ("Attach large files").

The address is opaque and is called without a token. Ranges come in order and hold at most 4 MB each; the last one is
answered with the place of the attachment.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sqlite3
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import accounts
from sandbox.microsoft import clock, errors, ids
from sandbox.microsoft.calendar import files, keeping
from sandbox.microsoft.calendar import store as events
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request
from sandbox.microsoft.mail import drafts, messages
from sandbox.microsoft.mail.parse import Part
from sandbox.microsoft.mail.store import attach
from sandbox.microsoft.mail.values import record, text
from sandbox.microsoft.quotas import Quotas
from sandbox.store import Store

SMALLEST, LARGEST = 3 * 1024 * 1024, 150 * 1024 * 1024
RANGE = 4 * 1024 * 1024
LIFETIME = timedelta(days=7)  # from memory
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def for_message(call: Call, message: str) -> Answer:
    """POST /me/messages/{id}/attachments/createUploadSession."""
    return _create(call, "message", messages.find(call, message)["id"])


def for_event(call: Call, event: str) -> Answer:
    """POST /me/events/{id}/attachments/createUploadSession."""
    row = keeping.own_row(call.store, call.account, events.find(call, event))
    return _create(call, "event", row["id"])


def _create(call: Call, owner: str, number: int) -> Answer:
    item = record("AttachmentItem", call.argument(call.json(), "attachmentItem"))
    kind, size = str(item.get("attachmentType", "")).lower(), item.get("size")
    if kind != "file" or not text("name", item.get("name")) or not isinstance(size, int) or isinstance(size, bool):
        raise bad_request("The attachmentItem needs an attachmentType, a name and a size.", "ErrorInvalidRequest")
    if size < SMALLEST:
        message = "The size of the attachment must be greater than the minimum size."
        raise bad_request(message, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
    if size > LARGEST:
        raise bad_request("The attachment is larger than 150 MB.", "ErrorAttachmentSizeLimitExceeded")
    name, expires = secrets.token_urlsafe(48), clock.instant(call.store.now() + LIFETIME)
    with call.store.write() as db:
        db.execute(
            "INSERT INTO graph_upload (id, account, client_id, owner, item, size, name, content_type, content_id,"
            " inline, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                name,
                call.account.id,
                call.client_id,
                owner,
                number,
                size,
                text("name", item["name"]),
                text("contentType", item.get("contentType")) or "application/octet-stream",
                text("contentId", item.get("contentId")),
                item.get("isInline") is True,
                expires,
            ),
        )
    user = f"{call.root.removesuffix('/v1.0')}/outlook/api/v2.0/Users('{call.account.subject}')"
    place = f"{user}/AttachmentSessions('{name}')"
    shown = {"uploadUrl": place, "expirationDateTime": expires, "nextExpectedRanges": ["0-"]}
    return Answer(201, {"@odata.context": f"{call.root}/$metadata#microsoft.graph.uploadSession", **shown})


class Uploads:
    """The addresses of the sessions."""

    def __init__(self, store: Store, quotas: Quotas) -> None:
        self.store = store
        self.quotas = quotas

    async def serve(self, request: Request) -> Response:
        """PUT a range, GET what is missing, or DELETE the session."""
        content = await request.body()
        await asyncio.sleep(request.scope.get("sandbox.delay", 0.0))
        try:
            if "authorization" in request.headers:
                raise GraphError(401, "InvalidAudience", "The upload URL takes no Authorization header.")
            row = self._session(request.path_params["session"])
            if request.method == "PUT":
                return self._take(request, row, content)
            if request.method == "DELETE":
                self._end(row)
                return Response(status_code=204)
            return JSONResponse(self._missing(row))
        except GraphError as error:
            body = errors.body(error, self.store.now(), request.headers.get("client-request-id", ""))
            return JSONResponse(body, error.status, error.headers)

    def _session(self, name: str) -> sqlite3.Row:
        row = self.store.row("SELECT * FROM graph_upload WHERE id = ? AND expires > ?", name, clock.now(self.store))
        if row is None:
            raise GraphError(404, "ErrorItemNotFound", "The upload session was not found.")
        return row

    def _missing(self, row: sqlite3.Row) -> dict[str, Any]:
        shown = {"expirationDateTime": row["expires"], "nextExpectedRanges": [str(row["received"])]}
        return {"@odata.context": "https://outlook.office.com/api/v2.0/$metadata#Me/Messages", **shown}

    def _take(self, request: Request, row: sqlite3.Row, content: bytes) -> Response:
        stated = _RANGE.fullmatch(request.headers.get("content-range", ""))
        if stated is None:
            raise bad_request("The Content-Range header is missing or invalid.", "ErrorInvalidRequest")
        first, last, size = map(int, stated.groups())
        if size != row["size"] or last - first + 1 != len(content) or last >= size or not content:
            raise bad_request("The Content-Range header does not fit the content.", "ErrorInvalidRequest")
        if len(content) > RANGE:
            raise GraphError(413, "RequestEntityTooLarge", "A range holds at most 4 MB.")
        if first != row["received"]:
            raise GraphError(416, "InvalidRange", f"The next expected range begins at {row['received']}.")
        self.quotas.carry((row["client_id"], row["account"]), len(content))
        with self.store.write() as db:
            db.execute("INSERT INTO graph_upload_piece VALUES (?, ?, ?)", (row["id"], first, content))
            db.execute("UPDATE graph_upload SET received = ? WHERE id = ?", (last + 1, row["id"]))
            if last + 1 < size:
                return JSONResponse(self._missing(self._session(row["id"])))
            return Response(status_code=201, headers={"Location": self._finish(row)})

    def _finish(self, row: sqlite3.Row) -> str:
        """Put the pieces together; the place of the attachment."""
        pieces = self.store.rows("SELECT content FROM graph_upload_piece WHERE session = ? ORDER BY start", row["id"])
        content = b"".join(piece["content"] for piece in pieces)
        part = Part(row["name"], row["content_type"], content, row["content_id"], bool(row["inline"]))
        account, owner, number = accounts.by_id(self.store, row["account"]), row["owner"], row["item"]
        if not self.store.value(f"SELECT 1 FROM graph_{owner} WHERE id = ?", number):
            raise errors.unknown_item()
        made = attach(self.store, part, clock.now(self.store), **{owner: number})
        refresh = drafts.refresh_attachments if owner == "message" else files.refresh
        refresh(self.store, account, number)
        self._end(row)
        names = [ids.make(account, kind, key) for kind, key in ((owner, number), ("attachment", made))]
        where = f"Users('{account.subject}')/{owner.title()}s('{names[0]}')/Attachments('{names[1]}')"
        return f"https://outlook.office.com/api/v2.0/{where}"

    def _end(self, row: sqlite3.Row) -> None:
        with self.store.write() as db:
            db.execute("DELETE FROM graph_upload WHERE id = ?", (row["id"],))


def routes(store: Store, quotas: Quotas) -> list[BaseRoute]:
    """Where the sessions' addresses lead to."""
    path = "/outlook/api/v2.0/Users('{user}')/AttachmentSessions('{session}')"
    return [Route(path, Uploads(store, quotas).serve, methods=["PUT", "GET", "DELETE"])]
