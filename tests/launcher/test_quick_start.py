"""The quick start on a new home: one terminal starts everything, connects, and stops it again."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.launcher.running import ROOT, environment, free_ports


def quick_start(home: Path, port: int, *answers: str) -> subprocess.CompletedProcess[str]:
    """What it says to somebody who types these lines."""
    return subprocess.run(
        [sys.executable, ROOT / "osmen.py", "setup", "--home", home],
        env=environment({"OSMEN_PORT": str(port)}),
        input="".join(f"{line}\n" for line in answers),
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_one_terminal_is_enough(tmp_path: Path) -> None:
    port = free_ports()
    person = ("ada@example.org", "right horse battery", "no")
    done = quick_start(tmp_path / "home", port, "2", "yes", *person, "4", "0", "no")
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert f"OsMEN is ready at http://localhost:{port}" in said and "everything runs, beside this menu" in said
    assert "Nothing is connected" in said and "sandbox" in said
    assert "OsMEN has stopped" in said
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody has it any more


def test_what_stands_in_the_way_of_a_start_is_said_in_the_menu(tmp_path: Path) -> None:
    port = free_ports()
    with socket.create_server(("127.0.0.1", port)):
        done = quick_start(tmp_path / "home", port, "7", "0")
    assert done.returncode == 0 and f"Port {port} for the app is taken" in done.stdout and "Exit" in done.stdout
