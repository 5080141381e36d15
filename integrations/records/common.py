"""What every other record names: the services, the roles of folders, an address."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Service(enum.StrEnum):
    """What a connection can be used for."""

    MAIL = "mail"
    CALENDAR = "calendar"
    CONTACTS = "contacts"


class Role(enum.StrEnum):
    """What a mail folder or label means, whatever a vendor or a language calls it."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    ARCHIVE = "archive"
    TRASH = "trash"
    SPAM = "spam"
    STARRED = "starred"
    IMPORTANT = "important"
    UNREAD = "unread"
    CATEGORY = "category"
    SYSTEM = "system"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox in a header; ``name`` is empty where none was given."""

    email: str
    name: str = ""


NOBODY = Address("")
