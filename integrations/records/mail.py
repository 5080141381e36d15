"""A message, a change to one, its attachments and the folders that hold it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations.records.common import NOBODY, Address, Role


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """A mail folder (Microsoft) or label (Google). ``parent_id`` is empty at the top."""

    id: str
    name: str
    role: Role = Role.USER
    parent_id: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """An attachment's metadata; its content is fetched on demand by ``part_id``, which is stable per message."""

    part_id: str
    filename: str
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class MailRecord:
    """One message, whole. ``folder_ids`` is the full set of folders or labels that it is in.

    ``date`` is when the provider received it. ``text`` and ``html`` are the decoded bodies (either may be empty).
    """

    id: str
    thread_id: str
    date: datetime
    folder_ids: frozenset[str]
    subject: str = ""
    sender: Address = NOBODY
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    snippet: str = ""
    text: str = ""
    html: str = ""
    unread: bool = False
    starred: bool = False
    draft: bool = False
    has_invitation: bool = False
    attachments: tuple[AttachmentRecord, ...] = ()
    size: int = 0
    etag: str = ""
    list_unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class MailDelta:
    """A change of the folders or flags of a message already known; ``None`` means "as it was".

    Providers send these instead of the whole message. One for a message the store does not know is ignored.
    """

    id: str
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    unread: bool | None = None
    starred: bool | None = None
