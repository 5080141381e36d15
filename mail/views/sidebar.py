"""The mailboxes as the side pane shows them: boxes over all accounts, then each account with its folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from mail.queries.conversation import Conversation
from mail.queries.mailboxes import Account
from mail.queries.selection import BOXES
from mail.store import one_folder_each, walked_alone
from mail.views.state import State

# An account with more folders shows them only while it is looked at.
_FEW = 8
_COUNTED = {"inbox"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the side pane."""

    name: str
    path: str
    current: bool
    count: int = 0
    icon: str = ""
    colour: str = ""
    depth: int = 0


def boxes(state: State) -> list[Entry]:
    """What spans all accounts."""
    chosen = state.selection
    return [
        Entry(
            "All inboxes" if box.id == "inbox" else box.name,
            "/inbox/" if box.id == "inbox" else f"/inbox/?box={box.id}",
            current=not chosen.sought and chosen.account is None and chosen.folder is None and chosen.box == box,
            count=state.mailboxes.unread() if box.id in _COUNTED else 0,
            icon=box.icon,
        )
        for box in BOXES.values()
    ]


def accounts(state: State) -> list[Entry]:
    """Each account, and below it the folders that its owner made."""
    return [entry for account in state.mailboxes.accounts.values() for entry in _account(state, account)]


def _account(state: State, account: Account) -> Iterator[Entry]:
    chosen, connection = state.selection, account.connection
    here = chosen.account == connection
    yield Entry(
        connection.display_name,
        f"/inbox/?{urlencode({'account': str(connection.pk)})}",
        current=here and chosen.folder is None,
        count=state.mailboxes.unread(connection.pk),
        colour=connection.colour,
    )
    folders = account.own_folders
    if here or len(folders) <= _FEW:
        for folder, depth in folders:
            yield Entry(
                folder.name,
                f"/inbox/?folder={folder.pk}",
                current=chosen.folder == folder,
                count=folder.unread,
                depth=min(depth + 1, 3),
            )


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or label that a conversation can be filed in. ``on``: it is there."""

    id: int
    name: str
    depth: int
    on: bool


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a conversation can go: to one folder, or under any number of labels."""

    one_folder: bool
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Ways(Filing):
    """Where a selection can go, in one account."""

    account: str
    colour: str


def all_filing(state: State) -> list[Ways]:
    """The accounts that have folders of their own, but only the one that is looked at. One query."""
    chosen = state.selection.account
    accounts = [a for a in state.mailboxes.accounts.values() if chosen in (None, a.connection) and a.own_folders]
    alone = one_folder_each([a.connection for a in accounts])
    return [
        Ways(
            a.connection.pk in alone,
            [Place(f.pk, f.name, min(depth, 3), on=False) for f, depth in a.own_folders],
            a.connection.display_name,
            a.connection.colour,
        )
        for a in accounts
    ]


def filing(state: State, conversation: Conversation) -> Filing:
    """One query."""
    account = state.mailboxes.accounts[conversation.connection.pk]
    places = [Place(f.pk, f.name, min(depth, 3), f.pk in conversation.filed) for f, depth in account.own_folders]
    return Filing(bool(walked_alone(conversation.connection)), places)
