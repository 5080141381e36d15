"""The children's logs: kept small, and quoted when a child fails."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

LIMIT = 10 * 1024 * 1024
KEPT = 3


def rotate(log: Path, limit: int = LIMIT) -> None:
    """Move a log of more than ``limit`` bytes aside, keeping the last three.

    The file itself stays and is emptied, because a running child goes on appending to it.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size <= limit:
            return
        for number in range(KEPT - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        log.with_name(f"{log.name}.1").chmod(0o600)
        with open(log, "r+b") as file:
            file.truncate()


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, or an empty text."""
    try:
        with open(log, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 32 * 1024))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])
