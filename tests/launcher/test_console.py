"""What the launcher prints while it works: two lines a step in a log, one that is rewritten on a terminal."""

from __future__ import annotations

import io

import pytest

from osmen_launcher.console import Console, Steps


class Terminal(io.StringIO):
    """A terminal that can write everything."""

    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO) -> str:
    """What two steps print, the first of them long."""
    steps = Steps(Console(stream), 2)
    steps.begin("Installing Python packages")
    for done in range(121):
        steps.progress(done + 1, 121)
    steps.at("unpacking 121")
    steps.begin("Fetching front-end assets")
    steps.note("up to date")
    steps.end()
    return stream.getvalue()


def test_a_log_has_each_step_once_at_its_start_and_once_when_it_is_done() -> None:
    assert shown(io.StringIO()).splitlines() == [
        "[1/2] Installing Python packages ...",
        "[1/2] Installing Python packages [ok]",
        "[2/2] Fetching front-end assets ...",
        "[2/2] Fetching front-end assets [ok] up to date",
    ]


def test_a_terminal_sees_how_far_a_step_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    drawn = shown(Terminal())
    assert "61 of 121" in drawn and "unpacking 121" in drawn and drawn.count("\n") == 2
