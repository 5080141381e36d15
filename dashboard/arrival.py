"""What has arrived since a person connected their first account: numbers, and the newest of their mail."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.clock import Clock
from accounts.models import User
from dashboard.services import ServiceLine, line_of
from integrations import queries
from integrations.models.connection import State
from mail.queries import mailboxes, threads
from mail.queries.selection import BOXES, Selection

NEWEST = 4


@dataclass(frozen=True, slots=True)
class Arriving:
    """One account."""

    name: str
    colour: str
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """All accounts, and the newest conversations. ``complete`` when every first sync is done."""

    accounts: tuple[Arriving, ...]
    newest: tuple[threads.Row, ...]
    complete: bool


def arrival(user: User, clock: Clock) -> Arrival:
    """A fixed number of queries."""
    statuses = queries.status_of_user(user.pk, exact=False)
    accounts = tuple(
        Arriving(
            s.connection.display_name, s.connection.colour, tuple(line_of(s.connection, x, clock) for x in s.services)
        )
        for s in statuses
    )
    newest = threads.page(user, mailboxes.of_user(user), Selection(BOXES["inbox"]), clock, size=NEWEST).rows
    first, _ = _progress(statuses)
    return Arrival(accounts, tuple(newest), not first)


def beginning(statuses: list[queries.ConnectionStatus]) -> bool:
    """Whether nothing of any account has arrived whole yet, and something is on its way."""
    first, begun = _progress(statuses)
    return first and not begun


def _progress(statuses: list[queries.ConnectionStatus]) -> tuple[bool, bool]:
    """Whether first syncs are under way, and whether some service is past its own."""
    states = {x.state for s in statuses if s.connection.state == State.ACTIVE for x in s.services}
    first = {"waiting", "first"}
    return bool(states & first), bool(states - first - {"off", "missing"})
