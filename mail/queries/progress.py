"""How far the mail of a user's accounts has come: what is still arriving, how fresh the rest is, what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.clock import Clock
from accounts.models import User
from integrations.models import Change, Collection
from integrations.models.change import ChangeState
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.records import Service
from mail.models import Message
from mail.queries.mailboxes import Mailboxes


@dataclass(frozen=True, slots=True)
class Arriving:
    """An account whose first sync is under way. ``total`` is 0 where the provider has not said."""

    account: str
    walked: int
    total: int

    @property
    def words(self) -> str:
        if self.total:
            return f"{min(self.walked, self.total):,} of about {self.total:,}"
        return f"{self.walked:,} so far" if self.walked else "starting"


@dataclass(frozen=True, slots=True)
class Progress:
    """What stands above and below the list. ``off``: accounts whose mail was chosen and then not allowed."""

    arriving: list[Arriving]
    fresh: str
    off: list[str]

    @property
    def complete(self) -> bool:
        return not self.arriving


def of_mailboxes(mailboxes: Mailboxes, clock: Clock) -> Progress:
    """One query."""
    rows = Collection.objects.filter(
        connection__in=list(mailboxes.accounts), service=Service.MAIL.value, enabled=True
    ).exclude(provider_id="")
    by_account: dict[UUID, list[Collection]] = {pk: [] for pk in mailboxes.accounts}
    for row in rows:
        by_account[row.connection_id].append(row)
    connections = {pk: account.connection for pk, account in mailboxes.accounts.items()}
    off = [c.display_name for c in connections.values() if Service.MAIL not in c.services]
    coming = {pk for pk, c in connections.items() if c.state == State.ACTIVE and Service.MAIL in c.services}
    arriving = [
        _arriving(connections[pk].display_name, collections)
        for pk, collections in by_account.items()
        if pk in coming and (not collections or any(c.phase == Phase.FIRST for c in collections))
    ]
    oldest: list[datetime] = [c.succeeded_at for cs in by_account.values() for c in cs if c.succeeded_at]
    return Progress(arriving, f"Up to date {clock.ago(min(oldest))}" if oldest and not arriving else "", off)


def _arriving(account: str, collections: Iterable[Collection]) -> Arriving:
    first = [c for c in collections if c.phase == Phase.FIRST]
    return Arriving(account, sum(c.walked for c in first), sum(c.total or 0 for c in first))


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that the provider refused, at the conversation that it was made in."""

    id: str
    thread_id: int
    text: str


_DONE = {"mail.move": "move", "mail.modify": "change"}


def refused(user: User, thread_id: int | None = None) -> list[Refused]:
    """Two queries: the user's refused edits of mail, the newest first; of one conversation if named."""
    rows = Change.objects.filter(
        connection__user=user, service=Service.MAIL.value, state=ChangeState.REFUSED
    ).select_related("connection")
    changes = list(rows.order_by("-number")[:20])
    targets = {(c.connection_id, c.target_id): c for c in changes}
    messages = Message.objects.filter(
        connection__in={c for c, _ in targets}, provider_id__in={t for _, t in targets}
    ).values_list("connection_id", "provider_id", "thread_id", "subject")
    at = {(c, p): (thread, subject) for c, p, thread, subject in messages}
    found = []
    for change in changes:
        thread, subject = at.get((change.connection_id, change.target_id), (0, ""))
        if thread and thread_id in (None, thread):
            vendor = change.connection.provider_spec.name
            why = f": {change.error}" if change.error else "."
            found.append(
                Refused(str(change.id), thread, f"{vendor} refused to {_DONE[change.operation]} “{subject[:60]}”{why}")
            )
    return found
