"""Outlook's mail for scripts: each method is one thing that Microsoft Graph does, in Graph's own shapes.

Nothing here is stored; the next sync brings what was changed. Syncing itself is in ``mail``; sending and drafts are in
``live_mail_sending``. Ids stay the same when a message moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from integrations.providers.microsoft.graph import Json, path
from integrations.providers.microsoft.live_mail_sending import OutlookSending

PAGE = "50"


class OutlookMailApi(OutlookSending):
    """One account's mail. ``folder`` is a well-known name such as ``inbox`` and ``sentitems``, or a folder's id.

    Every method raises ``integrations.errors``.
    """

    def get_profile(self) -> Json:
        """Who the account is."""
        return self._graph.get("/me")

    def iter_messages(self, folder: str = "inbox", filter_query: str = "") -> Iterator[Json]:
        """The messages of a folder, newest first. ``filter_query`` is OData, such as ``isRead eq false``."""
        params = {"$top": PAGE, "$orderby": "receivedDateTime desc"}
        if filter_query:
            # A filter must begin with what the listing is ordered by (Microsoft Graph, "List messages").
            params["$filter"] = f"receivedDateTime ge 1900-01-01T00:00:00Z and ({filter_query})"
        return chain.from_iterable(self._graph.pages(path("me", "mailFolders", folder, "messages"), params))

    def list_messages(self, folder: str = "inbox", max_results: int | None = 50, filter_query: str = "") -> list[Json]:
        """The first ``max_results`` of ``iter_messages``; all of them for ``None``."""
        return list(islice(self.iter_messages(folder, filter_query), max_results))

    def search_messages(self, query: str, max_results: int | None = 25) -> list[Json]:
        """The messages of all folders that match, by words or by ``from:``, ``subject:`` and the like, newest first."""
        quoted = query.replace("\\", "\\\\").replace('"', '\\"')
        found = chain.from_iterable(self._graph.pages("/me/messages", {"$search": f'"{quoted}"', "$top": PAGE}))
        return list(islice(found, max_results))

    def get_message(self, message_id: str) -> Json:
        """One message with its body. Raises ``NotFound``."""
        return self._graph.get(path("me", "messages", message_id))

    def update_message(self, message_id: str, **fields: object) -> Json:
        """Change properties, such as ``isRead=True`` or ``categories=["Red category"]``."""
        return self._graph.patch(path("me", "messages", message_id), fields)

    def mark_read(self, message_id: str, read: bool = True) -> Json:
        """Mark as read, or as unread."""
        return self.update_message(message_id, isRead=read)

    def move_message(self, message_id: str, folder: str) -> Json:
        """Move a message to another folder."""
        return self._graph.post(path("me", "messages", message_id, "move"), {"destinationId": folder})

    def archive_message(self, message_id: str) -> Json:
        """Move a message to the archive."""
        return self.move_message(message_id, "archive")

    def delete_message(self, message_id: str) -> None:
        """Move a message to Deleted Items."""
        self.move_message(message_id, "deleteditems")

    def list_folders(self, parent: str = "") -> list[Json]:
        """The folders at the top, or those within another."""
        of = path("me", "mailFolders", parent, "childFolders") if parent else "/me/mailFolders"
        return list(chain.from_iterable(self._graph.pages(of, {"$top": "100"})))

    def create_folder(self, name: str, parent: str | None = None) -> Json:
        """Make a folder at the top, or within another."""
        of = path("me", "mailFolders", parent, "childFolders") if parent else "/me/mailFolders"
        return self._graph.post(of, {"displayName": name})

    def delete_folder(self, folder: str) -> None:
        """Delete a folder with what is in it."""
        self._graph.delete(path("me", "mailFolders", folder))

    def list_attachments(self, message_id: str) -> list[Json]:
        """What is attached, without its content."""
        params = {"$select": "id,name,contentType,size,isInline"}
        return list(chain.from_iterable(self._graph.pages(path("me", "messages", message_id, "attachments"), params)))

    def get_attachment(self, message_id: str, attachment_id: str) -> bytes:
        """An attachment's content. Raises ``NotFound``."""
        return self._graph.get_bytes(path("me", "messages", message_id, "attachments", attachment_id, "$value"))

    def get_source(self, message_id: str) -> bytes:
        """The message as RFC 5322 bytes."""
        return self._graph.get_bytes(path("me", "messages", message_id, "$value"))
