"""How commands look: tables, marks and progress on a terminal; plain columns and lines in a pipe, a log or a test.

``rich`` is loaded where there is a terminal, and nowhere else. ``NO_COLOR`` and ``--no-color`` take the colours away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from integrations.management.base import PlainCommand


def live(stream: Any) -> bool:
    """Whether somebody looks on: a terminal that can redraw a line."""
    return bool(getattr(stream, "isatty", bool)())


def console(stream: Any, *, colour: bool = True) -> Console:
    """A console over a terminal's stream."""
    from rich.console import Console

    return Console(file=getattr(stream, "_out", stream), no_color=True if not colour else None, highlight=False)


def table(command: PlainCommand, rows: Sequence[Sequence[str]]) -> None:
    """Columns, the first row being their heads."""
    if live(command.stdout):
        _drawn(command, rows)
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for n, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        command.stdout.write(command.style.MIGRATE_HEADING(line) if n == 0 else line)


def _drawn(command: PlainCommand, rows: Sequence[Sequence[str]]) -> None:
    from rich.box import ROUNDED
    from rich.table import Table
    from rich.text import Text

    heads, *lines = rows
    drawn = Table(box=ROUNDED, border_style="dim", header_style="bold")
    for n, head in enumerate(heads):
        number = bool(lines) and all(line[n].replace(",", "").isdigit() for line in lines if line[n])
        drawn.add_column(head, justify="right" if number else "left", overflow="fold")
    for line in lines:
        drawn.add_row(*(Text(cell) for cell in line))
    console(command.stdout, colour=command.style.SUCCESS("x") != "x").print(drawn)


def menu(command: PlainCommand, title: str, choices: Mapping[str, str]) -> None:
    """What a person can choose, by the key to type."""
    if not live(command.stdout):
        command.stdout.write(command.style.MIGRATE_HEADING(title))
        for key, words in choices.items():
            command.stdout.write(f"  {key}  {words}")
        return
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    drawn = Table.grid(padding=(0, 2))
    for key, words in choices.items():
        drawn.add_row(Text(key, "bold cyan"), Text(words))
    panel = Panel(drawn, title=title, title_align="left", border_style="dim", padding=(1, 2), expand=False)
    console(command.stdout, colour=command.style.SUCCESS("x") != "x").print(panel)


class Progress:
    """How far long work is: a bar on a terminal, nothing in a pipe, where what was done is said at the end."""

    def __init__(self, bar: Any = None, task: Any = None) -> None:
        self._bar, self._task = bar, task

    def show(self, done: int, of: int, note: str = "") -> None:
        """So much of so much."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=max(of, 1), note=note)


@contextmanager
def progress(stream: TextIO | Any, title: str) -> Iterator[Progress]:
    """Long work with a title."""
    if not live(stream):
        yield Progress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Bar(*columns, TimeElapsedColumn(), console=console(stream)) as bar:
        yield Progress(bar, bar.add_task(title, total=None, note=""))
