"""A first look at the home's SQLite file, before anything opens it for writing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from osmen_launcher.environment import uses_sqlite
from osmen_launcher.errors import Failure
from osmen_launcher.layout import Home


def check_database(home: Home, *, thorough: bool = False) -> None:
    """Raises Failure where the file is no intact database; ``thorough`` reads every page of it. Changes nothing."""
    path = home.database
    if not uses_sqlite() or not path.exists() or path.stat().st_size == 0:
        return
    problem = _problem(path, thorough=thorough)
    if problem:
        raise damaged(path, problem)


def damaged(path: Path, problem: str) -> Failure:
    """The sentence for a database that cannot be read."""
    return Failure(
        f"The database {path} is damaged ({problem}); nothing in it was changed.",
        "Put a backup in its place, or move it away to start with an empty one.",
    )


def _problem(path: Path, *, thorough: bool) -> str:
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            answer = database.execute("PRAGMA quick_check(1)").fetchone()[0] if thorough else "ok"
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        # Busy is not broken: another process is at work in it.
        return "" if "locked" in str(error) else str(error)
    return "" if answer == "ok" else str(answer).splitlines()[0]
