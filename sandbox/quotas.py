"""How much an app may ask: which table of quotas counts for whom, and a window that adds up what was spent.

The tables are off unless somebody switches them on: with the numbers of a new Google Cloud project a mailbox gives 300
messages a minute, which nobody wants to wait for in a demonstration. An app may have limits of its own beside them, as
an operator sets them in the vendor's console. What the tables say, and what a vendor answers who refuses, is left to
``sandbox.google.quotas`` and ``sandbox.microsoft.quotas``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Literal, get_args

from sandbox.store import Store

Table = Literal["off", "old", "new"]
TABLES: tuple[Table, ...] = get_args(Table)
_SETTING = "quota_table"
SCHEMA = """
CREATE TABLE IF NOT EXISTS quota_limit (  -- what an operator set in the vendor's console
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    most INTEGER NOT NULL,
    PRIMARY KEY (client_id, name)
);
CREATE TABLE IF NOT EXISTS quota_day (
    name TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id INTEGER NOT NULL,  -- 0: the whole app
    day TEXT NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (name, client_id, account_id)
);
"""


def choose(store: Store, table: Table, client_id: str = "") -> None:
    """Let this table count for one app, or for every app that has none of its own."""
    store.set(f"{_SETTING}/{client_id}" if client_id else _SETTING, table)


def own(store: Store, client_id: str) -> Table | None:
    """The table that was chosen for one app; None where the general one counts."""
    return _read(store.setting(f"{_SETTING}/{client_id}"))


def table(store: Store, client_id: str = "") -> Table:
    """The table that counts for an app."""
    return (own(store, client_id) if client_id else None) or _read(store.setting(_SETTING)) or "off"


def limit(store: Store, client_id: str, limits: Mapping[str, int]) -> None:
    """Set an app's own limits, by the vendor's names of its quotas; they take the place of those it had."""
    with store.write() as db:
        db.execute("DELETE FROM quota_limit WHERE client_id = ?", (client_id,))
        db.executemany("INSERT INTO quota_limit VALUES (?, ?, ?)", [(client_id, *one) for one in limits.items()])


def limits(store: Store, client_id: str) -> dict[str, int]:
    """An app's own limits."""
    rows = store.rows("SELECT name, most FROM quota_limit WHERE client_id = ?", client_id)
    return {row["name"]: row["most"] for row in rows}


def spent_today(store: Store, key: tuple[str, str, int], day: str) -> int:
    """What was spent of a quota of the day. ``key``: the quota, the app, the account or 0 for the whole app."""
    sql = "SELECT spent FROM quota_day WHERE name = ? AND client_id = ? AND account_id = ? AND day = ?"
    return int(store.value(sql, *key, day) or 0)


def spend_today(store: Store, key: tuple[str, str, int], day: str, units: int) -> None:
    """Count what is spent of a quota of the day; another day's count is forgotten."""
    spent = spent_today(store, key, day) + units
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO quota_day VALUES (?, ?, ?, ?, ?)", (*key, day, spent))


def clear(store: Store) -> None:
    """Forget what was spent today, and every limit that an app has of its own."""
    choose(store, "off")
    with store.write() as db:
        db.execute("DELETE FROM quota_limit")
        db.execute("DELETE FROM quota_day")


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
