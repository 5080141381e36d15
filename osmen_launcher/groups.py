"""Process groups: every child of ``up`` leads one, so that it and whatever it started can be found and ended together.

On Windows a child's tree stands for its group. Who is ended, and when, is decided by the callers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path


def ask_to_stop(pid: int) -> None:
    """Ask a child once to finish; it passes that on to its own processes."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, signal.CTRL_BREAK_EVENT)
        else:
            os.kill(pid, signal.SIGTERM)


def kill_group(pid: int) -> None:
    """End what is left of a child's group at once."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(pid)], capture_output=True)
    else:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def group_alive(pid: int) -> bool:
    """Whether any process of the group still runs (one that only waits to be reaped does not count)."""
    return any(True for _ in _members(pid))


def group_names(pid: int, mark: str) -> bool:
    """Whether a process of the group has ``mark`` in its environment or command line: a number alone may be reused."""
    return any(mark in text for text in _members(pid))


def end_groups(pids: Iterable[int], patience: float) -> None:
    """Ask groups to stop, wait ``patience`` seconds at most, then kill what is left."""
    left = [pid for pid in pids if group_alive(pid)]
    for pid in left:
        ask_to_stop(pid)
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = [pid for pid in left if group_alive(pid)]
    for pid in left:
        kill_group(pid)


def _members(pid: int) -> Iterable[str]:
    """What is known of each living process of a group: its command line and, where the system shows it, environment."""
    if sys.platform == "win32":
        yield from _windows_process(pid)
    elif Path("/proc/self/environ").exists():
        yield from _linux_members(pid)
    else:
        yield from _posix_members(pid)


def _linux_members(group: int) -> Iterable[str]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # pid (name) state parent group …; the name may hold blanks and brackets
            state, _, member_of = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:3]
            if int(member_of) != group or state in "ZX":
                continue
            words = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        yield words.replace(b"\0", b"\n").decode("utf-8", "replace") + "\n"


def _posix_members(group: int) -> Iterable[str]:
    # -E shows the environment of one's own processes (macOS)
    answer = subprocess.run(["ps", "-A", "-E", "-ww", "-o", "pgid=,stat=,command="], capture_output=True, text=True)
    for line in answer.stdout.splitlines():
        number, _, rest = line.strip().partition(" ")
        state, _, command = rest.strip().partition(" ")
        if number == str(group) and not state.startswith("Z"):
            yield command.replace(" ", "\n") + "\n"


def _windows_process(pid: int) -> Iterable[str]:
    answer = subprocess.run(["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"], capture_output=True, text=True)
    if "python" in answer.stdout.lower():
        yield answer.stdout
