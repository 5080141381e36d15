"""Ends the children of a launcher that was killed outright.

A process of its own that reads the launcher's pipe: ``+PID`` and ``-PID`` lines tell which groups run. Only when the
pipe closes while some still run has the launcher died without stopping them. Works wherever pipes do, and for whatever
a child has started as well, which a parent-death signal does not.
"""

from __future__ import annotations

import subprocess
import sys
from typing import IO

from osmen_launcher.groups import end_groups
from osmen_launcher.layout import ROOT

PATIENCE = 8.0


class Guard:
    """The launcher's end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "osmen_launcher.guard"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def started(self, pid: int) -> None:
        self._say(f"+{pid}")

    def ended(self, pid: int) -> None:
        self._say(f"-{pid}")

    def close(self) -> None:
        """Let it go, after all children have ended."""
        try:
            self._process.communicate(timeout=PATIENCE + 2)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # somebody killed the guard; the children run on, and the next start finds them by their pid files


def watch(pipe: IO[str]) -> None:
    """Read the pipe to its end, then end what still runs."""
    running: set[int] = set()
    for line in pipe:
        pid = int(line[1:])
        running.add(pid) if line.startswith("+") else running.discard(pid)
    end_groups(running, PATIENCE)


if __name__ == "__main__":
    watch(sys.stdin)
