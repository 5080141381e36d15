"""Follows a Gmail mailbox: a walk over everything, newest first, then its history from where the walk began.

Gmail API, "Synchronize clients": the history id is taken before the walk, so that what changes during it is said again
after it. Turning messages into records is left to ``gmail_message``, storing cursors to the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from integrations.errors import NotFound, RateLimited
from integrations.providers.base import Session
from integrations.providers.google import batch, cursors
from integrations.providers.google.api import call, gmail_messages, gmail_users, request_of
from integrations.providers.google.errors import api_error
from integrations.providers.google.gmail_message import label_delta, mail_record
from integrations.providers.google.gmail_parts import decode_base64url
from integrations.records import MailDelta, MailRecord, Page

FIRST_PAGE = 50  # what one batch brings, so that the inbox shows the newest at once
NEXT_PAGE = 100
HISTORY_PAGE = 100
BATCH_PATH = "batch/gmail/v1"
_GET = "gmail.users.messages.get"
MOST_CONTENT = 256 * 1024 * 1024

MailPage = Page[MailRecord | MailDelta]


class MailboxSync:
    """One account's mailbox over one session; of mail that came earlier than ``since`` nothing is told."""

    def __init__(self, session: Session, since: datetime | None = None) -> None:
        self._session = session
        self._since = since
        self._root = session.endpoints["gmail"]
        self._messages = gmail_messages(self._root)

    def pages(self, cursor: str | None) -> Iterator[MailPage]:
        """Pages after ``cursor``: the rest of a walk, or what happened since. Raises ``integrations.errors``."""
        position = cursors.load(cursor) if cursor else {}
        if not position:
            yield from self._walk("", "", "")
        elif "walk" in position:
            yield from self._walk(position["walk"], position.get("page", ""), position.get("after", ""))
        else:
            yield from self._history(position["history"])

    def _walk(self, start: str, page_token: str, after: str) -> Iterator[MailPage]:
        """The mailbox from a page on, or from what comes after a message in it."""
        profile = call(self._session, gmail_users(self._root).getProfile(userId="me"))
        start = start or str(profile["historyId"])
        total = int(profile.get("messagesTotal", 0))
        first = not page_token
        wanted: dict[str, Any] = {"userId": "me", "includeSpamTrash": True}
        if self._since:
            wanted["q"] = f"after:{int(self._since.timestamp()) - 1}"
        while page_token or first:
            if first:
                built = self._messages.list(**wanted, maxResults=FIRST_PAGE)
            else:
                built = self._messages.list(**wanted, maxResults=NEXT_PAGE, pageToken=page_token)
            # A page token that is refused has grown too old: the walk begins anew.
            listed = call(self._session, built, cursor_statuses=frozenset() if first else frozenset({400}))
            ids = [str(entry["id"]) for entry in listed.get("messages") or ()]
            ids, after = ids[ids.index(after) + 1 if after in ids else 0 :], ""
            if self._since:
                total = min(total, int(listed.get("resultSizeEstimate", total)))
            found: dict[str, MailRecord] = {}
            try:
                for message_id, record in self._arriving(ids):
                    found[message_id] = record
            except RateLimited:
                # What has been paid for is not read again: up to the first that is missing.
                told = list(takewhile(found.__contains__, ids))
                if told:
                    rest = cursors.dump(walk=start, page=page_token, after=told[-1])
                    yield Page(rest, self._recent(found, told), full=True, total=total)
                raise
            page_token, first = str(listed.get("nextPageToken", "")), False
            rest = cursors.dump(walk=start, page=page_token) if page_token else cursors.dump(history=start)
            told = [i for i in ids if i in found]
            yield Page(rest, self._recent(found, told), complete=not page_token, full=True, total=total)

    def _recent(self, found: Mapping[str, MailRecord], ids: Iterable[str]) -> tuple[MailRecord, ...]:
        return tuple(found[i] for i in ids if self._since is None or found[i].date >= self._since)

    def _history(self, start: str) -> Iterator[MailPage]:
        history = gmail_users(self._root).history()
        reached, page_token, more = start, "", True
        while more:
            if page_token:
                built = history.list(userId="me", startHistoryId=start, maxResults=HISTORY_PAGE, pageToken=page_token)
            else:
                built = history.list(userId="me", startHistoryId=start, maxResults=HISTORY_PAGE)
            expired = frozenset({400, 404}) if page_token else frozenset({404})
            listed = call(self._session, built, cursor_statuses=expired)
            changes = _Changes()
            for record in listed.get("history") or ():
                changes.take(record)
                # Within a round the last record continues as well as a page token does, and does not grow old as fast.
                reached = str(record["id"])
            page_token = str(listed.get("nextPageToken", ""))
            more = bool(page_token)
            if not more:
                reached = str(listed.get("historyId", reached))
            yield self._page_of(changes, cursors.dump(history=reached), not more)

    def _page_of(self, changes: _Changes, cursor: str, complete: bool) -> MailPage:
        found = self.fetch(changes.added)
        gone = changes.removed | {i: None for i in changes.added if i not in found}
        deltas = tuple(label_delta(i, frozenset(d.added), frozenset(d.removed)) for i, d in changes.labels.items())
        return Page(cursor, (*self._recent(found, found), *deltas), tuple(gone), complete=complete)

    def fetch(self, message_ids: Iterable[str]) -> dict[str, MailRecord]:
        """Whole messages by id; those that are gone meanwhile are left out."""
        ids = list(message_ids)
        found = dict(self._arriving(ids))
        return {i: found[i] for i in ids if i in found}

    def _arriving(self, message_ids: Iterable[str]) -> Iterator[tuple[str, MailRecord]]:
        requests = {i: request_of(self._messages.get(userId="me", id=i, format="full")) for i in message_ids}
        address = f"{self._root.rstrip('/')}/{BATCH_PATH}"
        for message_id, answer in batch.arriving(self._session, address, requests, _GET):
            if answer.ok:
                yield message_id, self.record(answer.json())
            elif not isinstance(error := api_error(answer), NotFound):
                raise error

    def record(self, message: Mapping[str, Any]) -> MailRecord:
        """A message of ``format=full`` as a record, fetching what Gmail left out of it."""
        return mail_record(message, lambda attachment_id: self.content(message["id"], attachment_id))

    def content(self, message_id: str, attachment_id: str) -> bytes:
        """What an ``attachmentId`` of the latest answer stands for: it is another one in each answer."""
        built = self._messages.attachments().get(userId="me", messageId=message_id, id=attachment_id)
        return decode_base64url(str(call(self._session, built, max_bytes=MOST_CONTENT).get("data", "")))


@dataclass(slots=True)
class _Labels:
    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Changes:
    """What a page of history comes to in the end, message by message. A dict without values keeps the order."""

    added: dict[str, None] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    labels: dict[str, _Labels] = field(default_factory=dict)

    def take(self, record: Mapping[str, Any]) -> None:
        """One history record. ``messages`` in it only repeats what the typed lists say."""
        for entry in record.get("messagesAdded") or ():
            message_id = entry["message"]["id"]
            self.added[message_id] = None
            self.labels.pop(message_id, None)
            self.removed.pop(message_id, None)
        for entry in record.get("labelsAdded") or ():
            self._label(entry["message"]["id"], entry.get("labelIds") or (), ())
        for entry in record.get("labelsRemoved") or ():
            self._label(entry["message"]["id"], (), entry.get("labelIds") or ())
        for entry in record.get("messagesDeleted") or ():
            message_id = entry["message"]["id"]
            self.removed[message_id] = None
            self.labels.pop(message_id, None)
            self.added.pop(message_id, None)

    def _label(self, message_id: str, added: Iterable[str], removed: Iterable[str]) -> None:
        if message_id in self.added or message_id in self.removed:
            return  # it is fetched whole, or gone
        change = self.labels.setdefault(message_id, _Labels())
        change.added = (change.added | set(added)) - set(removed)
        change.removed = (change.removed | set(removed)) - set(added)
