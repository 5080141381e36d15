"""What stands in the way is said in one sentence with its remedy, without a traceback, and changes nothing."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launcher.running import ROOT, environment, free_ports, osmen


def refused(answer: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> None:
    """The launcher said no, in one line that holds ``words``."""
    said = answer.stderr
    assert answer.returncode == code, said
    assert "Traceback" not in said
    assert said.startswith("osmen: ")
    assert len(said.strip().splitlines()) == 1, said
    for word in words:
        assert word in said, said


def test_a_taken_port(tmp_path: Path) -> None:
    port = free_ports()
    with socket.create_server(("127.0.0.1", port)):
        refused(osmen("up", "--home", tmp_path / "home", "--port", port), f"Port {port} for the app is taken", "--port")


def test_a_port_taken_on_all_addresses(tmp_path: Path) -> None:
    port = free_ports()
    with socket.create_server(("0.0.0.0", port)):
        refused(osmen("up", "--home", tmp_path / "home", "--port", port), f"Port {port} for the app is taken")


def test_a_taken_sandbox_port(tmp_path: Path) -> None:
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        answer = osmen("up", "--home", tmp_path / "home", "--port", port)
    refused(answer, f"Port {port + 1} for the sandbox is taken", "--sandbox-port")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--port", "eighty"], "no port between 1 and 65535"),
        (["--port", "70000"], "no port between 1 and 65535"),
        (["--port", "65535"], "--sandbox-port"),
        (["--sandbox", "--no-sandbox"], "not allowed with"),
        (["--corpus", "/nowhere/at/all"], "no folder"),
        (["--corpus", ".", "--no-sandbox"], "--no-sandbox"),
        (["--browser"], "--browser"),
        (["--home"], "--home needs a folder"),
    ],
)
def test_a_wrong_flag(flags: list[str], words: str) -> None:
    refused(osmen("up", *flags), words, code=2)


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    refused(osmen("up", "--home", tmp_path / "home", "--host", "192.0.2.1"), "no address of this machine", code=2)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OSMEN_SIGNUP", "maybe", "must be one of open, invitation, closed, not 'maybe'"),
        ("OSMEN_POLL_SECONDS", "1", "must be at least 5"),
        ("OSMEN_HSTS_SECONDS", "long", "must be a whole number"),
        ("OSMEN_DEBUG", "perhaps", "must be 1 or 0"),
        ("OSMEN_ADMINS", "ada@osmen.example, Ben", "must be mail addresses separated by commas"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_installed(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    root = _clone(tmp_path)
    for command in ("up", "keys"):
        answer = osmen(command, "--home", tmp_path / "home", root=root, extra={name: value})
        refused(answer, f"{name} {words}", code=4)
    assert not (root / ".venv").exists() and not (tmp_path / "home").exists()


def test_the_sandbox_in_production(tmp_path: Path) -> None:
    answer = osmen("up", "--sandbox", "--home", tmp_path / "home", extra={"OSMEN_ENV": "production"})
    refused(answer, "does not run in production", "OSMEN_ALLOW_SANDBOX=1", code=2)


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    refused(osmen("up", "--home", tmp_path / "home"), "cannot write to its home", "--home DIR")
    assert (tmp_path / "home").read_text() == "a file"


def test_a_home_that_cannot_be_written() -> None:
    # Even an administrator cannot make folders there.
    refused(osmen("up", "--home", "/proc/osmen"), "cannot write to its home /proc/osmen", "--home DIR")


def test_a_damaged_database(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "db.sqlite3").write_bytes(b"no database at all " * 100)
    before = (home / "db.sqlite3").read_bytes()
    refused(osmen("up", "--home", home, "--port", free_ports()), "is damaged", "backup")
    assert (home / "db.sqlite3").read_bytes() == before
    assert osmen("doctor", "--home", home).returncode == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://osmen:geheim@127.0.0.1:9/osmen", "The database at 127.0.0.1:9 does not answer"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL does not name a database"),
        ("REDIS_URL", "redis://:geheim@127.0.0.1:9/0", "The Redis at 127.0.0.1:9 does not answer"),
    ],
)
def test_a_service_that_is_not_there(tmp_path: Path, name: str, value: str, words: str) -> None:
    answer = osmen("up", "--home", tmp_path / "home", "--port", free_ports(), extra={name: value})
    refused(answer, words, name)
    assert "geheim" not in answer.stdout + answer.stderr


def test_a_missing_key_ring(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sandbox = {"OSMEN_SANDBOX_URL": "http://127.0.0.1:9"}
    assert osmen("prepare", "--home", home, extra=sandbox).returncode == 0  # stores the sandbox's client secrets
    kept = (home / "keys" / "keyset.json").rename(tmp_path / "keyset.json")
    before = (home / "db.sqlite3").read_bytes()
    answer = osmen("up", "--home", home, "--port", free_ports())
    refused(answer, "keyset.json is missing", "backup")
    assert not (home / "keys" / "keyset.json").exists()
    assert (home / "db.sqlite3").read_bytes() == before
    kept.rename(home / "keys" / "keyset.json")
    assert osmen("prepare", "--home", home, extra=sandbox).returncode == 0


def test_a_database_that_is_damaged_further_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert osmen("prepare", "--home", home).returncode == 0
    content = bytearray((home / "db.sqlite3").read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    (home / "db.sqlite3").write_bytes(content)
    refused(osmen("up", "--home", home, "--port", free_ports()), "is damaged", "backup")
    assert (home / "db.sqlite3").read_bytes() == content


def test_an_old_python() -> None:
    refused(_pretending("sys.version_info = (3, 10, 13, 'final', 0)"), "3.11, 3.12 and 3.13", "this is Python 3.10.13")


def test_a_python_that_is_too_new() -> None:
    refused(_pretending("sys.version_info = (3, 14, 0, 'final', 0)"), "this is Python 3.14.0", "Install one of those")


def test_a_python_without_venv(tmp_path: Path) -> None:
    hide = (
        "import importlib.util as u; found = u.find_spec; "
        "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else found(name, *rest)"
    )
    answer = _pretending(hide, "up", "--home", str(tmp_path / "home"))
    refused(answer, "has no ensurepip module", "-venv")


@pytest.mark.parametrize("command", [["up", "--no-open"], ["install"]])
def test_no_network_during_install(tmp_path: Path, command: list[str]) -> None:
    root = _clone(tmp_path)
    unreachable = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
    }
    answer = osmen(*command, "--home", tmp_path / "home", root=root, extra=unreachable)
    refused(answer, "could not install its Python packages: the network did not answer", "start again")


def _pretending(what: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher in a Python of which one thing is not so."""
    program = (
        f"import sys, runpy; {what}; sys.argv = ['osmen.py', *{list(arguments)!r}]; sys.path.insert(0, {str(ROOT)!r}); "
    )
    program += f"runpy.run_path({str(ROOT / 'osmen.py')!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60
    )


def _clone(folder: Path) -> Path:
    """As much of the project as an install needs, without anything installed."""
    root = folder / "clone"
    root.mkdir()
    shutil.copytree(ROOT / "osmen_launcher", root / "osmen_launcher")
    (root / "osmen_web").mkdir()
    shutil.copy(ROOT / "osmen_web" / "configuration.py", root / "osmen_web" / "configuration.py")
    for name in ("osmen.py", "requirements.txt", "requirements-dev.txt", "package.json"):
        shutil.copy(ROOT / name, root / name)
    return root
