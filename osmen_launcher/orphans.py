"""Ends what an earlier ``up`` with the same home has left behind, if it was killed and its guard with it.

A pid file alone proves nothing, for numbers are reused: a process is ended only if its environment names this home.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from osmen_launcher.groups import end_groups, group_names
from osmen_launcher.layout import Home


def end_orphans(home: Home) -> list[str]:
    """End them, remove stale pid files, and return the names of those that still ran. Call with the home locked."""
    files = sorted(home.folder("run").glob("*.pid"))
    running: dict[int, str] = {}
    for file in files:
        pid = _read(file)
        if pid is not None and group_names(pid, f"OSMEN_HOME={home.path}\n"):
            running[pid] = file.stem
    end_groups(running, patience=10)
    for file in files:
        file.unlink(missing_ok=True)
    return list(running.values())


def _read(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        pid = int(file.read_text(encoding="ascii"))
        return pid if pid > 1 else None
    return None
