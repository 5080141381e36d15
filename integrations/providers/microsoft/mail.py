"""Outlook mail of one account through Microsoft Graph: a collection is a folder, its cursor that folder's delta link.

Each page holds what changed in its folder. A removed id means gone **from this folder**: a message that was moved is
removed in one folder's delta and new in the other's, under the same id, in either order. So the store takes the
folder off such a message, and deletes it when no folder is left. The same holds for what a full walk did not mention.
How a message reads is left to ``mail_message``, folders to ``folders``, errors to ``graph``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from integrations.errors import NotFound, PermanentFailure
from integrations.providers.base import Session
from integrations.providers.microsoft import cursors, folders, mail_send, push
from integrations.providers.microsoft import mail_message as mapping
from integrations.providers.microsoft.graph import DELTA, NEXT, Graph, Json, path, with_query
from integrations.records import (
    ChangeRecord,
    ChannelRecord,
    CollectionRecord,
    Discovery,
    MailDelta,
    MailRecord,
    Operation,
    Page,
)

PAGE_SIZE = 50
_PAGING = f"odata.maxpagesize={PAGE_SIZE}"
_ARCHIVE = "archive"
MOST_FILTERED = 4_000  # with room for what comes while it is read

Mail = MailRecord | MailDelta


class OutlookMail:
    """``MailClient`` for Microsoft."""

    def __init__(self, session: Session) -> None:
        self._graph = Graph(session)
        self._me = session.account_email

    def discover(self) -> Discovery:
        """All visible folders, each a collection; the inbox comes first."""
        return folders.discover(self._graph)

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[Mail]]:
        """Pages of a folder's delta, newest messages first in the first round (Microsoft Graph, "message: delta").

        The cursor holds the link that continues after its page, mode "full" within the first round and "delta" from
        then on. Raises ``CursorExpired``, and ``NotFound`` when the folder itself is gone.
        """
        total = None
        if cursor is None:
            total, filtered = self._total(collection)
            answer, full = self._first(collection.id, filtered), True
        else:
            fields = cursors.unpack(cursor, "mode", "link")
            answer, full = self._follow(fields["link"]), fields["mode"] == "full"
        while True:
            changed, removed = self._read(answer.get("value", []), collection.id, collection.since)
            delta = answer.get(DELTA)
            link = delta or answer.get(NEXT)
            if not link:
                raise PermanentFailure("Microsoft's answer does not say how to continue.", code="no_link")
            mode = "full" if full and not delta else "delta"
            yield Page(
                cursor=cursors.pack({"mode": mode, "link": link}),
                changed=changed,
                removed=removed,
                complete=bool(delta),
                full=full,
                total=total,
            )
            if delta:
                return
            answer = self._follow(link)

    def poll(self, cursors_of: Mapping[str, str]) -> frozenset[str]:
        """See ``Polls``."""
        links = {i: cursors.unpack(cursor, "mode", "link")["link"] for i, cursor in cursors_of.items()}
        return frozenset(links.keys() - self._graph.unchanged(links, prefer=(_PAGING,)))

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[Mail, ...], tuple[str, ...]]:
        """See ``Reads``."""
        found = self._present(ids)
        return found, tuple({*ids} - {record.id for record in found})

    def watch(self, collection_id: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
        """See ``push.watch``."""
        return push.watch(self._graph, f"me/mailFolders('{collection_id}')/messages", channel, secret, address)

    def unwatch(self, channel: ChannelRecord) -> None:
        """See ``Pushes``."""
        push.unwatch(self._graph, channel)

    def apply(self, change: ChangeRecord) -> tuple[Mail, ...]:
        """Send a letter, set flags or move. The latter two may be repeated without harm.

        A message is in one folder: adding a folder moves it there, and taking it out of its folder moves it to the
        archive.
        """
        payload, message_id = change.payload, change.target_id
        if change.operation is Operation.MAIL_SEND:
            sent = mail_send.send(self._graph, change, self._me)
            return self._present([sent])
        if change.operation is Operation.MAIL_MOVE:
            return (self._move(message_id, str(payload["to"]), [str(payload.get("from") or "")]),)
        if change.operation is not Operation.MAIL_MODIFY:
            raise PermanentFailure(f"Microsoft mail cannot do {change.operation.value}.", code="operation")
        done: list[Mail] = []
        if flags := _flags(payload):
            done.append(self._modify(message_id, flags))
        added, removed = _names(payload, "add"), _names(payload, "remove")
        if added or removed:
            done.append(self._move(message_id, added[0] if added else _ARCHIVE, removed))
        return tuple(done)

    def attachment(self, message_id: str, part_id: str) -> bytes:
        """An attachment's content; that of an attached message is its source (Microsoft Graph, "Get attachment")."""
        return self._graph.get_bytes(path("me", "messages", message_id, "attachments", part_id, "$value"))

    def source(self, message_id: str) -> bytes:
        """The message as RFC 5322 bytes (Microsoft Graph, "Get MIME content of a message")."""
        return self._graph.get_bytes(path("me", "messages", message_id, "$value"))

    def _first(self, folder: str, filtered: str) -> Json:
        params = {"$select": mapping.SELECT, "$orderby": "receivedDateTime desc"}
        if filtered:
            params["$filter"] = filtered
        return self._graph.get(path("me", "mailFolders", folder, "messages", "delta"), params, prefer=(_PAGING,))

    def _follow(self, link: str) -> Json:
        return self._graph.get(link, prefer=(_PAGING,))

    def _total(self, collection: CollectionRecord) -> tuple[int | None, str]:
        """How many messages are wanted of a folder, and the filter to ask for no others by.

        With a filter Graph tells of 5,000 messages at most ("message: delta"): of more, all are read and sorted out.
        """
        folder = path("me", "mailFolders", collection.id)
        if collection.since is None:
            count = self._graph.get(folder, {"$select": "totalItemCount"}).get("totalItemCount")
            return count if isinstance(count, int) else None, ""
        filtered = f"receivedDateTime ge {collection.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        params = {"$filter": filtered, "$count": "true", "$top": "1", "$select": "id"}
        count = self._graph.get(f"{folder}/messages", params).get("@odata.count")
        if not isinstance(count, int):
            return None, ""
        return count, filtered if count < MOST_FILTERED else ""

    def _read(
        self, items: Sequence[Json], folder: str, since: datetime | None
    ) -> tuple[tuple[Mail, ...], tuple[str, ...]]:
        """A page's records and removed ids. An item may repeat within a page; the last one counts."""
        latest = {item["id"]: item for item in items if not mapping.is_before(item, since)}
        removed = tuple(i for i, item in latest.items() if "@removed" in item)
        present = [item for item in latest.values() if "@removed" not in item]
        thin = [i for i in present if not mapping.is_whole(i)]
        fetched = self._messages([i["id"] for i in thin if not mapping.is_flags_only(i)])
        whole = {i["id"]: i for i in present if mapping.is_whole(i)}
        # One that has moved on since is its new folder's to tell.
        fetched = [i for i in fetched if not mapping.is_before(i, since)]
        whole |= {i["id"]: i for i in fetched if i.get("parentFolderId", folder) == folder}
        attachments = self._attachments([i for i in whole.values() if mapping.needs_attachments(i)])
        changed: list[Mail] = [mapping.message(i, folder, attachments.get(i["id"], ())) for i in whole.values()]
        changed += [mapping.flags(i, folder) for i in thin if mapping.is_flags_only(i)]
        return tuple(changed), removed

    def _messages(self, ids: Sequence[str]) -> list[Json]:
        params = {"$select": mapping.SELECT}
        found = self._graph.get_many([with_query(path("me", "messages", i), params) for i in ids])
        return [item for item in found if isinstance(item, dict)]

    def _present(self, ids: Sequence[str]) -> tuple[Mail, ...]:
        """Messages as they are now; those that are gone are left out."""
        items = self._messages(ids)
        attachments = self._attachments([i for i in items if mapping.needs_attachments(i)])
        return tuple(mapping.message(i, i["parentFolderId"], attachments.get(i["id"], ())) for i in items)

    def _attachments(self, messages: Sequence[Json]) -> dict[str, list[Json]]:
        params = {"$select": mapping.ATTACHMENT_SELECT}
        asked = [with_query(path("me", "messages", i["id"], "attachments"), params) for i in messages]
        found = zip(messages, self._graph.get_many(asked), strict=True)
        return {message["id"]: self._rest(answer) for message, answer in found if isinstance(answer, dict)}

    def _rest(self, answer: Json) -> list[Json]:
        """A listing that came in a batch, with its further pages where it has some."""
        items = list(answer.get("value", []))
        if link := answer.get(NEXT):
            for page in self._graph.pages(link):
                items += page
        return items

    def _modify(self, message_id: str, flags: dict[str, object]) -> MailDelta:
        item = self._graph.patch(path("me", "messages", message_id), flags)
        return MailDelta(id=message_id, unread=mapping.unread(item), starred=mapping.starred(item))

    def _move(self, message_id: str, to: str, left: Sequence[str]) -> Mail:
        try:
            item = self._graph.post(path("me", "messages", message_id, "move"), {"destinationId": to})
        except NotFound:
            if self._messages([message_id]):
                raise PermanentFailure("The folder is no longer at Microsoft.", code="folder") from None
            raise
        folder, new_id = item.get("parentFolderId") or to, item.get("id", message_id)
        if new_id == message_id:
            return MailDelta(id=message_id, added=frozenset({folder}), removed=frozenset(left) - {folder, ""})
        # Immutable ids survive a move, but not one into the archive mailbox.
        (moved,) = self._messages([new_id]) or [item]
        attachments = self._attachments([moved]) if mapping.needs_attachments(moved) else {}
        return mapping.message(moved, folder, attachments.get(new_id, ()))


def _flags(payload: dict[str, object]) -> dict[str, object]:
    flags: dict[str, object] = {}
    if (unread := payload.get("unread")) is not None:
        flags["isRead"] = not unread
    if (starred := payload.get("starred")) is not None:
        flags["flag"] = {"flagStatus": "flagged" if starred else "notFlagged"}
    return flags


def _names(payload: dict[str, object], key: str) -> list[str]:
    value = payload.get(key)
    return [str(v) for v in value] if isinstance(value, list | tuple) else []
