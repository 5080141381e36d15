"""Gmail for scripts: each method is one thing that the Gmail API does, in Google's own shapes.

Nothing here is stored; the next sync brings what was changed. Syncing itself is in ``gmail``; sending and drafts are in
``live_gmail_sending``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from integrations.providers.google.api import call
from integrations.providers.google.gmail import GmailClient
from integrations.providers.google.live_gmail_sending import GmailSending
from integrations.providers.google.live_pages import Json, first, walk

ME = "me"
MOST_OF_A_PAGE = 500


class GmailApi(GmailSending):
    """One account's mail. Every method raises ``integrations.errors``."""

    def get_profile(self) -> Json:
        """Address, number of messages and threads, and the present history id."""
        return dict(call(self._session, self._users.getProfile(userId=ME)))

    def iter_messages(self, query: str = "", label_ids: Sequence[str] = ()) -> Iterator[Json]:
        """Ids of the messages that match, newest first. ``query`` is as in Gmail's own search box."""
        options: Any = {"userId": ME, "maxResults": MOST_OF_A_PAGE}
        if query:
            options["q"] = query
        if label_ids:
            options["labelIds"] = list(label_ids)
        return walk(self._session, lambda page: self._messages.list(**options, **cast(Any, page)), "messages")

    def list_messages(
        self, query: str = "", max_results: int | None = 100, label_ids: Sequence[str] = ()
    ) -> list[Json]:
        """The first ``max_results`` of ``iter_messages``, each ``{"id", "threadId"}``; all of them for ``None``."""
        return first(self.iter_messages(query, label_ids), max_results)

    def search_messages(self, query: str, max_results: int | None = 25) -> list[Json]:
        """The messages that match, whole, newest first; all of them for ``None``."""
        return [self.get_message(str(found["id"])) for found in self.list_messages(query, max_results)]

    def get_message(self, message_id: str, format: str = "full") -> Json:
        """One message: ``full``, ``metadata``, ``minimal`` or ``raw``. Raises ``NotFound``."""
        return dict(call(self._session, self._messages.get(userId=ME, id=message_id, format=cast(Any, format))))

    def get_thread(self, thread_id: str) -> Json:
        """A conversation with all of its messages."""
        return dict(call(self._session, self._users.threads().get(userId=ME, id=thread_id)))

    def modify_message(self, message_id: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Json:
        """Put labels on a message and take labels off. Archiving is ``remove=["INBOX"]``."""
        body: Any = {"addLabelIds": list(add), "removeLabelIds": list(remove)}
        return dict(call(self._session, self._messages.modify(userId=ME, id=message_id, body=body)))

    def mark_read(self, message_id: str, read: bool = True) -> Json:
        """Mark as read, or as unread."""
        return (
            self.modify_message(message_id, remove=["UNREAD"]) if read else self.modify_message(message_id, ["UNREAD"])
        )

    def archive_message(self, message_id: str) -> Json:
        """Take a message out of the inbox."""
        return self.modify_message(message_id, remove=["INBOX"])

    def trash_message(self, message_id: str) -> Json:
        """Move a message to the trash, which Gmail empties after 30 days."""
        return dict(call(self._session, self._messages.trash(userId=ME, id=message_id)))

    def untrash_message(self, message_id: str) -> Json:
        """Take a message back out of the trash."""
        return dict(call(self._session, self._messages.untrash(userId=ME, id=message_id)))

    def list_labels(self) -> list[Json]:
        """All labels, Gmail's own and the user's."""
        labels = call(self._session, self._users.labels().list(userId=ME)).get("labels")
        return list(cast("list[Json]", labels or []))

    def create_label(self, name: str) -> Json:
        """Make a label; ``Work/Mail`` makes one below the label ``Work``."""
        body: Any = {"name": name}
        return dict(call(self._session, self._users.labels().create(userId=ME, body=body)))

    def delete_label(self, label_id: str) -> None:
        """Delete a label; its messages stay."""
        call(self._session, self._users.labels().delete(userId=ME, id=label_id))

    def list_attachments(self, message_id: str) -> list[Json]:
        """What is attached: ``part_id``, ``filename``, ``content_type``, ``size``."""
        found: list[Json] = []
        parts = [self.get_message(message_id).get("payload") or {}]
        while parts:
            part = parts.pop(0)
            parts += part.get("parts") or ()
            if part.get("filename"):
                found.append(
                    {
                        "part_id": part.get("partId", ""),
                        "filename": part["filename"],
                        "content_type": part.get("mimeType", ""),
                        "size": (part.get("body") or {}).get("size", 0),
                    }
                )
        return found

    def get_attachment(self, message_id: str, part_id: str) -> bytes:
        """An attachment's content. Raises ``NotFound``."""
        return GmailClient(self._session).attachment(message_id, part_id)

    def get_source(self, message_id: str) -> bytes:
        """The message as it came (RFC 5322)."""
        return GmailClient(self._session).source(message_id)
