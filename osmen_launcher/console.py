"""What the launcher shows: numbered steps with progress, marks, and plain ASCII where the terminal has nothing better.

On a terminal a step's line is rewritten as it advances; in a pipe or a log a step is one line at its start and one when
it is done.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO


class Console:
    """Writes lines to one stream. A reader that went away (a closed pipe) never ends the launcher."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream: TextIO = stream or sys.stdout
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.unicode = _can_write(self.stream, "✓✗…")
        self._open_line = False

    @property
    def ok(self) -> str:
        return "✓" if self.unicode else "[ok]"

    @property
    def bad(self) -> str:
        return "✗" if self.unicode else "[!!]"

    def line(self, text: str = "") -> None:
        """Print one line."""
        self.close_line()
        self._write(text + "\n")

    def rewrite(self, text: str) -> None:
        """Replace the line that stands open on a terminal."""
        self._write("\r\x1b[K" + text)
        self._open_line = True

    def close_line(self) -> None:
        """End a line that ``rewrite`` left open."""
        if self._open_line:
            self._open_line = False
            self._write("\n")

    def _write(self, text: str) -> None:
        if not self.unicode:
            text = text.replace("…", "...").encode("ascii", "replace").decode()
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError):
            self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (lives as long as the process)


class Steps:
    """A known number of steps, one after the other."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self._number = 0
        self._title = ""
        self._note = ""

    def begin(self, title: str) -> None:
        """Start the next step; the one before is done."""
        self.end()
        self._number += 1
        self._title = title
        self._note = ""
        self._show("…")

    def progress(self, done: int, total: int) -> None:
        """Say how far the step is, to who looks on."""
        self.at(f"{min(done, total)} of {total}")

    def at(self, text: str) -> None:
        """Say what the step is at, to who looks on."""
        if self.console.live:
            self._show(f"… {text}")

    def note(self, text: str) -> None:
        """Say what the step came to, such as "up to date". A log has it in the line that the step is done."""
        self._note = text
        self.at(text)

    def end(self) -> None:
        """The step that was begun is done."""
        if self.console.live:
            self.console.close_line()
        elif self._title:
            self._show(f"{self.console.ok}{f' {self._note}' if self._note else ''}")
        self._title = ""

    def _show(self, state: str) -> None:
        text = f"[{self._number}/{self.total}] {self._title} {state}"
        if self.console.live:
            self.console.rewrite(text)
        else:
            self.console.line(text)


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
