"""The sandbox's memory: one SQLite file in its home, and the clock that everything in it reads.

Every module that keeps state states its tables in a ``SCHEMA`` string and passes it to ``Store.ensure``. The sandbox is
one process with one event loop, so that a handler's statements are never interleaved with another's; ``write()`` makes
them one transaction, so that a kill never leaves half of an answer behind. What the tables mean is left to others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,           -- 'google' or 'microsoft'
    email TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,            -- Google's sub, Microsoft's oid
    tenant TEXT NOT NULL DEFAULT '',  -- Microsoft's tid
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    UNIQUE (provider, email)
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# The header's versions. A file in memory cannot have a write-ahead log, so a copy is marked as having a rollback
# journal (sqlite.org/fileformat2.html, "File format version numbers").
_MODES = slice(18, 20)


class Store:
    """The database and the clock. ``Store(None)`` keeps everything in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA foreign_keys = ON")
        self._depth = 0
        self._ensured: dict[str, None] = {}
        self.ensure(SCHEMA)
        self._skew = self._kept_skew()

    def _kept_skew(self) -> timedelta:
        return timedelta(seconds=float(self.setting("clock_skew") or 0))

    def twin(self) -> bytes:
        """The whole database as the bytes of a file."""
        data = bytearray(self.db.serialize())
        data[_MODES] = b"\x01\x01"
        return bytes(data)

    @property
    def schemas(self) -> tuple[str, ...]:
        """Everything that was passed to ``ensure``."""
        return tuple(self._ensured)

    def replace(self, other: sqlite3.Connection) -> None:
        """Become a copy of another sandbox's database; tables that it does not have are made."""
        other.backup(self.db)
        for schema in self._ensured:
            self.db.executescript(schema)
        self._skew = self._kept_skew()

    def ensure(self, schema: str) -> None:
        """Create a module's tables if they are not there. The first time outside a transaction: a script ends one."""
        if schema not in self._ensured:
            self.db.executescript(schema)
            self._ensured[schema] = None

    def now(self) -> datetime:
        """The sandbox's time, aware, in UTC. Drills may move it."""
        return datetime.now(UTC) + self._skew

    def advance(self, by: timedelta) -> None:
        """Move the clock, to age tokens and cursors. A restart does not set it back."""
        self._skew += by
        self.set("clock_skew", str(self._skew.total_seconds()))

    def set_clock_back(self) -> None:
        """Show the real time again."""
        self.advance(-self._skew)

    def setting(self, name: str) -> str | None:
        """One of the sandbox's own settings, or None."""
        value: str | None = self.value("SELECT value FROM setting WHERE name = ?", name)
        return value

    def set(self, name: str, value: str) -> None:
        """Remember a setting over restarts."""
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nested calls join the outer one."""
        if self._depth:
            yield self.db
            return
        self._depth += 1
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        else:
            self.db.execute("COMMIT")
        finally:
            self._depth -= 1

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        return self.db.execute(sql, args).fetchall()

    def row(self, sql: str, *args: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(sql, args).fetchone()
        return row

    def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, *args)
        return None if row is None else row[0]
