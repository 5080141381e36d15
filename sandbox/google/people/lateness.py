"""Changes of people that others see late: for a while, reads answer what was before (no read after write).

People API, people.connections.list: "writes may have a propagation delay of several minutes". Off unless the sandbox is
told otherwise. Answers to the change itself, and the etags that the next change needs, are never late.
"""

from __future__ import annotations

import sqlite3

from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS people_earlier (  -- people as they were before a change that is not seen yet
    number INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    other INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    person TEXT NOT NULL,
    photo BLOB,
    replaced_by INTEGER NOT NULL,            -- the version of the change
    until REAL NOT NULL                      -- when the change is seen
);
CREATE INDEX IF NOT EXISTS people_earlier_account ON people_earlier (account_id, until);
"""
_SETTING = "people_delay"


def set_delay(store: Store, seconds: float) -> None:
    """Let changes of people be seen so much later; 0 at once."""
    store.set(_SETTING, str(max(0.0, seconds)))


def _delay(store: Store) -> float:
    return float(store.setting(_SETTING) or 0)


def keep(store: Store, account_id: int, number: int, version: int) -> None:
    """Before a change: keep the person as it is now, for as long as ``version`` is not to be seen."""
    if not (delay := _delay(store)):
        return
    now, columns = store.now().timestamp(), "number, account_id, id, other, version, updated, deleted, person, photo"
    store.db.execute("DELETE FROM people_earlier WHERE account_id = ? AND until <= ?", (account_id, now))
    sql = f"INSERT INTO people_earlier SELECT {columns}, ?, ? FROM people_person WHERE number = ?"
    store.db.execute(sql, (version, now + delay, number))


def hide(store: Store, account_id: int, number: int) -> None:
    """After somebody was added: keep that there was nobody."""
    if not _delay(store):
        return
    row = store.row("SELECT version FROM people_person WHERE number = ?", number)
    assert row is not None
    keep(store, account_id, number, row["version"])
    sql = "UPDATE people_earlier SET version = 0, deleted = 1 WHERE number = ? AND replaced_by = ?"
    store.db.execute(sql, (number, row["version"]))


def seen(store: Store, account_id: int, rows: list[sqlite3.Row], *, since: int = 0) -> list[sqlite3.Row]:
    """Rows of people as a reader sees them now; with ``since``, only those that changed after that version."""
    hidden = _hidden(store, account_id)
    shown = [hidden.get(row["number"], row) for row in rows]
    return [row for row in shown if row["version"] > since]


def version(store: Store, account_id: int, newest: int) -> int:
    """The version up to which a reader sees everything."""
    return min((row["replaced_by"] for row in _hidden(store, account_id).values()), default=newest + 1) - 1


def _hidden(store: Store, account_id: int) -> dict[int, sqlite3.Row]:
    """By number, the people whose last changes are not seen yet, as they were before the first of those."""
    sql = "SELECT * FROM people_earlier WHERE account_id = ? AND until > ? ORDER BY replaced_by DESC"
    return {row["number"]: row for row in store.rows(sql, account_id, store.now().timestamp())}
