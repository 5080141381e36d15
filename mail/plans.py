"""What an action means for the messages of one conversation, in each kind of account. Plans only; ``actions`` acts.

At a provider with labels, archiving takes the inbox's label off; at one with folders it moves the message. A step is
planned only where it changes something.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from integrations.models import Change
from integrations.records import Operation, Role
from mail.models import Folder, Message

# Where a reader may put a message by name.
FILED = (Role.INBOX, Role.ARCHIVE, Role.USER)
Payload = dict[str, object]
Step = tuple[Operation, Payload]


class Action(enum.StrEnum):
    """What can be done to conversations."""

    ARCHIVE = "archive"
    INBOX = "inbox"
    TRASH = "trash"
    READ = "read"
    UNREAD = "unread"
    STAR = "star"
    UNSTAR = "unstar"


@dataclass(slots=True)
class Placed:
    """A message with the folders that it is in."""

    message: Message
    folders: list[Folder] = field(default_factory=list)

    def in_role(self, *roles: Role) -> Folder | None:
        return next((f for f in self.folders if f.role in roles), None)


@dataclass(frozen=True, slots=True)
class Ways:
    """How an account files mail: whether a message is in exactly one folder, and which folder has which role."""

    one_folder: bool
    roles: dict[str, Folder]


def plan(action: Action, ways: Ways, messages: Sequence[Placed]) -> Iterator[tuple[Placed, Step]]:
    """The steps for a conversation, whose messages come oldest first."""
    for placed in messages:
        step = _STEPS[action](ways, placed, placed is _newest(messages))
        if step is not None:
            yield placed, step


def moving(folder: Folder, placed: Placed) -> Step | None:
    """What moves a message to a folder; what was written or thrown away stays where it is."""
    if folder in placed.folders or placed.in_role(Role.SENT, Role.DRAFTS, Role.TRASH, Role.SPAM):
        return None
    left = next(iter(placed.folders), None)
    return Operation.MAIL_MOVE, {"to": folder.provider_id, "from": left.provider_id if left else ""}


def labelling(added: Sequence[Folder], removed: Sequence[Folder], placed: Placed) -> Step | None:
    """What puts a message under labels and takes it from under others."""
    if placed.in_role(Role.TRASH, Role.SPAM, Role.DRAFTS):
        return None
    add = [f.provider_id for f in added if f not in placed.folders]
    remove = [f.provider_id for f in removed if f in placed.folders]
    return (Operation.MAIL_MODIFY, {"add": add, "remove": remove}) if add or remove else None


def inverse(change: Change) -> Step:
    """The step that undoes an edit."""
    payload = change.payload
    if change.operation == Operation.MAIL_MOVE:
        return Operation.MAIL_MOVE, {"to": payload.get("from", ""), "from": payload.get("to", "")}
    back: Payload = {"add": payload.get("remove", []), "remove": payload.get("add", [])}
    back |= {name: not payload[name] for name in ("unread", "starred") if payload.get(name) is not None}
    return Operation.MAIL_MODIFY, back


def _newest(messages: Sequence[Placed]) -> Placed | None:
    """The message that stands for its conversation: the newest one that was received, if any was."""
    received = [m for m in messages if not m.in_role(Role.SENT, Role.DRAFTS, Role.TRASH, Role.SPAM)]
    return (received or messages)[-1] if messages else None


def _archive(ways: Ways, placed: Placed, _: bool) -> Step | None:
    inbox, archive = placed.in_role(Role.INBOX), ways.roles.get(Role.ARCHIVE)
    if inbox is None:
        return None
    if ways.one_folder and archive is not None:
        return Operation.MAIL_MOVE, {"to": archive.provider_id, "from": inbox.provider_id}
    # An account without an archive gets one from its provider, which answers where the message went.
    return Operation.MAIL_MODIFY, {"add": [], "remove": [inbox.provider_id]}


def _inbox(ways: Ways, placed: Placed, _: bool) -> Step | None:
    inbox = ways.roles.get(Role.INBOX)
    if inbox is None or placed.in_role(Role.INBOX, Role.SENT, Role.DRAFTS):
        return None
    away = placed.in_role(Role.TRASH, Role.SPAM)
    if ways.one_folder or away is not None:
        left = away or next(iter(placed.folders), None)
        return Operation.MAIL_MOVE, {"to": inbox.provider_id, "from": left.provider_id if left else ""}
    return Operation.MAIL_MODIFY, {"add": [inbox.provider_id], "remove": []}


def _trash(ways: Ways, placed: Placed, _: bool) -> Step | None:
    trash = ways.roles.get(Role.TRASH)
    if trash is None or placed.in_role(Role.TRASH):
        return None
    left = next(iter(placed.folders), None) if ways.one_folder else placed.in_role(Role.INBOX, Role.SPAM)
    return Operation.MAIL_MOVE, {"to": trash.provider_id, "from": left.provider_id if left else ""}


def _flag(name: str, wanted: bool, *, newest_only: bool) -> Callable[[Ways, Placed, bool], Step | None]:
    def step(_: Ways, placed: Placed, newest: bool) -> Step | None:
        if getattr(placed.message, name) == wanted or (newest_only and not newest):
            return None
        return Operation.MAIL_MODIFY, {name: wanted}

    return step


_STEPS: dict[Action, Callable[[Ways, Placed, bool], Step | None]] = {
    Action.ARCHIVE: _archive,
    Action.INBOX: _inbox,
    Action.TRASH: _trash,
    Action.READ: _flag("unread", False, newest_only=False),
    Action.UNREAD: _flag("unread", True, newest_only=True),
    Action.STAR: _flag("starred", True, newest_only=True),
    Action.UNSTAR: _flag("starred", False, newest_only=False),
}
