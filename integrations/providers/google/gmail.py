"""Gmail for one account, as the contract wants mail. Following the mailbox is in ``gmail_sync``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from integrations.errors import NotFound, PermanentFailure
from integrations.providers.base import Session
from integrations.providers.google import gmail_parts, gmail_send, push
from integrations.providers.google.api import call, gmail_messages, gmail_users
from integrations.providers.google.gmail_message import STARRED, UNREAD, folder_records, label_delta
from integrations.providers.google.gmail_sync import MOST_CONTENT, MailboxSync
from integrations.records import (
    ChangeRecord,
    ChannelRecord,
    CollectionRecord,
    Discovery,
    MailDelta,
    MailRecord,
    Operation,
    Page,
    Service,
)

MAILBOX = CollectionRecord(Service.MAIL, "mailbox", "Mailbox", priority=10)


class GmailClient:
    """A ``MailClient``: one mailbox with one cursor; labels are its folders."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = session.endpoints["gmail"]
        self._messages = gmail_messages(self._root)

    def discover(self) -> Discovery:
        """All labels, and the mailbox."""
        labels = call(self._session, gmail_users(self._root).labels().list(userId="me")).get("labels") or ()
        return Discovery(folder_records(labels), (MAILBOX,))

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[MailRecord | MailDelta]]:
        """See ``MailboxSync.pages``."""
        return MailboxSync(self._session, collection.since).pages(cursor)

    def apply(self, change: ChangeRecord) -> tuple[MailRecord | MailDelta, ...]:
        """Send a letter, or change a message's labels, which may be repeated without harm."""
        if change.operation is Operation.MAIL_SEND:
            sent = gmail_send.send(self._session, change, self.source)
            return tuple(MailboxSync(self._session).fetch([sent]).values())
        add, remove = _labels(change)
        body = {"addLabelIds": sorted(add), "removeLabelIds": sorted(remove)}
        built = self._messages.modify(userId="me", id=change.target_id, body=body)  # type: ignore[arg-type]
        now = frozenset(call(self._session, built).get("labelIds") or ())
        return (label_delta(change.target_id, now, (remove | {UNREAD, STARRED}) - now),)

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[MailRecord, ...], tuple[str, ...]]:
        """See ``Reads``."""
        found = MailboxSync(self._session).fetch(ids)
        return tuple(found.values()), tuple(i for i in ids if i not in found)

    def watch(self, collection_id: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
        """See ``push.watch_mailbox``."""
        return push.watch_mailbox(self._session, channel)

    def unwatch(self, channel: ChannelRecord) -> None:
        """See ``Pushes``."""
        push.unwatch_mailbox(self._session)

    def attachment(self, message_id: str, part_id: str) -> bytes:
        """An attachment's content. Raises ``NotFound`` where the message has no such part."""
        built = self._messages.get(userId="me", id=message_id, format="full")
        part = gmail_parts.find(call(self._session, built).get("payload") or {}, part_id)
        if part is None:
            raise NotFound("This message has no such attachment.", code="part")
        sync = MailboxSync(self._session)
        return gmail_parts.content(part, lambda attachment_id: sync.content(message_id, attachment_id))

    def source(self, message_id: str) -> bytes:
        """The message as it came."""
        built = self._messages.get(userId="me", id=message_id, format="raw")
        return gmail_parts.decode_base64url(str(call(self._session, built, max_bytes=MOST_CONTENT).get("raw", "")))


def _labels(change: ChangeRecord) -> tuple[frozenset[str], frozenset[str]]:
    """The labels that a change adds and removes. Archiving is leaving the inbox for nowhere: ``to`` is empty then."""
    payload = change.payload
    add: set[str] = set()
    remove: set[str] = set()
    if change.operation is Operation.MAIL_MODIFY:
        add.update(cast("Iterable[str]", payload.get("add") or ()))
        remove.update(cast("Iterable[str]", payload.get("remove") or ()))
        for name, label in (("unread", UNREAD), ("starred", STARRED)):
            wanted = payload.get(name)
            if wanted is not None:
                (add if wanted else remove).add(label)
    elif change.operation is Operation.MAIL_MOVE:
        add.update(str(payload[name]) for name in ("to",) if payload.get(name))
        remove.update(str(payload[name]) for name in ("from",) if payload.get(name))
    else:
        raise PermanentFailure("Gmail cannot do this to a message.", code=str(change.operation))
    return frozenset(add - remove), frozenset(remove - add)
