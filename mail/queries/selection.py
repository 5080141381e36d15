"""Which mail a list shows: a box over all accounts, a box of one account, one folder, or what a search finds. And its
address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404

from integrations.models import Connection
from integrations.records import Role
from mail.models import Folder
from mail.queries.mailboxes import Mailboxes


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox by meaning. ``role`` names the folders it is made of; empty where a thread's own column says it."""

    id: str
    name: str
    icon: str
    role: str = ""


BOXES = {
    box.id: box
    for box in (
        Box("inbox", "Inbox", "inbox"),
        Box("starred", "Starred", "star"),
        Box("sent", "Sent", "send", Role.SENT.value),
        Box("drafts", "Drafts", "file-text", Role.DRAFTS.value),
        Box("archive", "Archive", "archive"),
        Box("all", "All mail", "layers"),
        Box("spam", "Spam", "shield-alert", Role.SPAM.value),
        Box("trash", "Trash", "trash-2", Role.TRASH.value),
    )
}


# Where a search looks only when it is begun there; from any other list it is about all mail but these.
_ASIDE = ("spam", "trash")
LONGEST_SEARCH = 200
_NARROWING = ("from:", "to:", "subject:", "in:", "has:attachment", "is:unread", "is:starred", "after:", "before:")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked at. ``sought`` wins over ``folder``, which wins over ``box``."""

    box: Box
    account: Connection | None = None
    folder: Folder | None = None
    sought: str = ""

    @property
    def title(self) -> str:
        if self.sought:
            return f"Found in {self.box.name}" if self.box.id in _ASIDE else "Found in all mail"
        if self.folder:
            return self.folder.name
        if self.account:
            return self.account.display_name if self.box.id == "inbox" else self.box.name
        return "All inboxes" if self.box.id == "inbox" else self.box.name

    @property
    def search_name(self) -> str:
        """What a search that is begun here is called."""
        return f"Search {self.box.name.lower()}" if self.box.id in _ASIDE else "Search all mail"

    @property
    def narrowing(self) -> tuple[str, ...]:
        """Operators of a search, as they are offered below its field."""
        return _NARROWING

    @property
    def query(self) -> str:
        """As in an address; empty for all inboxes."""
        return urlencode(self.pairs)

    @property
    def origin(self) -> list[tuple[str, str]]:
        """What a search that is begun here takes along, so that an emptied field leads back."""
        return [(name, value) for name, value in self.pairs if name != "q"]

    @property
    def elsewhere(self) -> list[tuple[str, str]]:
        """Where the same can be looked for as well, in words, with the addresses."""
        sought = urlencode({"q": self.sought})
        others = [(BOXES[i], f"/inbox/?{sought}&box={i}") for i in _ASIDE if i != self.box.id]
        found = [(f"Search {box.name.lower()}", path) for box, path in others]
        return [("Search all mail", f"/inbox/?{sought}"), *found] if self.box.id in _ASIDE else found

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The names and values of an address."""
        pairs = [("q", self.sought)] if self.sought else []
        if self.folder:
            pairs.append(("folder", str(self.folder.pk)))
        elif self.account:
            pairs.append(("account", str(self.account.pk)))
        if not self.folder and self.box.id != "inbox":
            pairs.insert(0, ("box", self.box.id))
        return pairs

    @property
    def shows_recipients(self) -> bool:
        """Whether a row says whom it went to rather than who wrote."""
        role = self.folder.role if self.folder else self.box.role
        return role in (Role.SENT.value, Role.DRAFTS.value)


def read(params: Mapping[str, str], mailboxes: Mailboxes) -> Selection:
    """From an address. Raises ``Http404`` for what is not there or not the user's."""
    box = BOXES.get(params.get("box", "inbox"))
    if box is None:
        raise Http404
    if sought := params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]:
        return Selection(box if box.id in _ASIDE else BOXES["inbox"], sought=sought)
    if folder_id := params.get("folder"):
        folder = mailboxes.folder(int(folder_id)) if folder_id.isdecimal() and len(folder_id) < 19 else None
        if folder is None:
            raise Http404
        return Selection(box, mailboxes.accounts[folder.connection_id].connection, folder)
    if account_id := params.get("account"):
        try:
            return Selection(box, mailboxes.accounts[UUID(account_id)].connection)
        except (KeyError, ValueError):
            raise Http404 from None
    return Selection(box)
