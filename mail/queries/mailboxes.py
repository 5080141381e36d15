"""The mailboxes of a user: all their accounts with mail, the folders in them, and how many conversations are unread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from integrations.models import Connection
from integrations.models.connection import State
from integrations.records import Role
from mail.models import Folder

# What has an entry of its own above the accounts, or is no mailbox to a reader.
_ELSEWHERE = {
    Role.STARRED.value,
    Role.IMPORTANT.value,
    Role.UNREAD.value,
    Role.CATEGORY.value,
    Role.SYSTEM.value,
    Role.INBOX.value,
    Role.SENT.value,
    Role.DRAFTS.value,
    Role.TRASH.value,
    Role.SPAM.value,
    Role.ARCHIVE.value,
}


@dataclass(slots=True)
class Account:
    """A connection with its folders."""

    connection: Connection
    folders: list[Folder] = field(default_factory=list)

    @property
    def own_folders(self) -> list[tuple[Folder, int]]:
        """Folders that the user made, children below their parent, with how deep each is."""
        own = [f for f in self.folders if f.role not in _ELSEWHERE and not f.hidden]
        known = {f.provider_id for f in own}
        children: dict[str, list[Folder]] = defaultdict(list)
        for folder in sorted(own, key=lambda f: f.name.casefold()):
            children[folder.parent_id if folder.parent_id in known else ""].append(folder)
        return list(_flatten(children, "", 0))


def _flatten(children: dict[str, list[Folder]], parent: str, depth: int) -> Iterable[tuple[Folder, int]]:
    for folder in children.pop(parent, ()):
        yield folder, depth
        yield from _flatten(children, folder.provider_id, depth + 1)


@dataclass(slots=True)
class Mailboxes:
    """Everything that mail can be looked for in. ``hidden``: connections whose mail is not shown."""

    accounts: dict[UUID, Account]
    hidden: list[UUID] = field(default_factory=list)

    def folder(self, folder_id: int) -> Folder | None:
        """The user's folder of that id."""
        return next((f for a in self.accounts.values() for f in a.folders if f.pk == folder_id), None)

    def with_role(self, role: str) -> list[Folder]:
        """The folders that mean this, over all accounts."""
        return [f for a in self.accounts.values() for f in a.folders if f.role == role]

    def unread(self, connection_id: UUID | None = None) -> int:
        """Unread conversations in the inbox of one account, or of all."""
        inboxes = self.with_role(Role.INBOX.value)
        return sum(f.unread for f in inboxes if connection_id in (None, f.connection_id))


def of_user(user: User) -> Mailboxes:
    """Two queries. An account that is being removed is gone already."""
    connections = list(Connection.objects.filter(user=user))
    shown = [c for c in connections if c.state != State.DISCONNECTING and "mail" in c.chosen_services]
    accounts = {c.pk: Account(c) for c in shown}
    for folder in Folder.objects.filter(connection__in=list(accounts)):
        accounts[folder.connection_id].folders.append(folder)
    return Mailboxes(accounts, [c.pk for c in connections if c.pk not in accounts])
