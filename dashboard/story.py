"""What happened to a connection, newest first: the ledger in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.clock import Clock
from integrations.models import LedgerEntry
from integrations.models.ledger import Happening

_WARNS = {
    Happening.REFRESH_FAILED,
    Happening.GRANT_DIED,
    Happening.MARKED,
    Happening.UNREADABLE,
    Happening.NOT_REVOKED,
}
_WORDS = {
    Happening.CONNECTED: "You connected this account",
    Happening.RECONNECTED: "You reconnected it",
    Happening.PAUSED: "You paused it",
    Happening.RESUMED: "You resumed it",
    Happening.REENCRYPTED: "Its access was encrypted with another key",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the story."""

    when: str
    iso: str
    text: str
    warns: bool


def story(entries: Iterable[LedgerEntry], clock: Clock) -> tuple[Happened, ...]:
    """The lines of one connection."""
    return tuple(Happened(clock.whole(e.at), e.at.isoformat(), _text(e), e.what in _WARNS) for e in entries)


def _text(entry: LedgerEntry) -> str:
    what = _WORDS.get(Happening(entry.what), entry.get_what_display())
    return f"{what}: {entry.detail}" if entry.detail else f"{what}"
