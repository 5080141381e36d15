"""How much an app may ask: which table of quotas counts for whom, and a window that adds up what was spent.

The tables are off unless somebody switches them on: with the numbers of a new Google Cloud project a mailbox gives 300
messages a minute, which nobody wants to wait for in a demonstration. What the tables say, and what a vendor answers who
refuses, is left to ``sandbox.google.quotas`` and ``sandbox.microsoft.quotas``.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, get_args

from sandbox.store import Store

Table = Literal["off", "old", "new"]
TABLES: tuple[Table, ...] = get_args(Table)
_SETTING = "quota_table"


def choose(store: Store, table: Table, client_id: str = "") -> None:
    """Let this table count for one app, or for every app that has none of its own."""
    store.set(f"{_SETTING}/{client_id}" if client_id else _SETTING, table)


def own(store: Store, client_id: str) -> Table | None:
    """The table that was chosen for one app; None where the general one counts."""
    return _read(store.setting(f"{_SETTING}/{client_id}"))


def table(store: Store, client_id: str = "") -> Table:
    """The table that counts for an app."""
    return (own(store, client_id) if client_id else None) or _read(store.setting(_SETTING)) or "off"


def _read(value: str | None) -> Table | None:
    return next((one for one in TABLES if one == value), None)


class Window:
    """What was spent in the last ``length`` seconds."""

    def __init__(self, length: float) -> None:
        self.length = length
        self.entries: deque[tuple[float, int]] = deque()
        self.spent = 0

    def forget(self, now: float) -> None:
        """Let go of what is older than the window."""
        while self.entries and self.entries[0][0] <= now - self.length:
            self.spent -= self.entries.popleft()[1]

    def spend(self, now: float, units: int) -> None:
        """Count a call."""
        self.entries.append((now, units))
        self.spent += units

    def wait(self, now: float, units: int, limit: int) -> float:
        """Seconds until ``units`` more are within the limit: 0 if they are now, the whole window if they never are."""
        self.forget(now)
        room = limit - self.spent
        if room >= units:
            return 0.0
        for when, freed in self.entries:
            room += freed
            if room >= units:
                return when + self.length - now
        return self.length
