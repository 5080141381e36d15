"""The virtual environment: made once, filled from the lock file with hashes, left alone while that stays the same."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osmen_launcher.console import Steps
from osmen_launcher.errors import Failure
from osmen_launcher.layout import ROOT, VENV, venv_python
from osmen_launcher.lock import FileLock
from osmen_launcher.tool import run_tool

STAMP = VENV / "osmen-stamp.json"
CACHE = VENV / "cache"
LOCKS = {False: "requirements.txt", True: "requirements-dev.txt"}


def fingerprint(*paths: Path) -> str:
    """The SHA-256 of some files, together."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def missing_modules() -> list[str]:
    """The parts of the standard library that some distributions leave out, and that are missing here."""
    return [name for name in ("venv", "ensurepip", "ssl", "sqlite3") if importlib.util.find_spec(name) is None]


def check_modules() -> None:
    """Raises Failure where Python cannot make virtual environments, open https or read SQLite."""
    missing = missing_modules()
    if not missing:
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = " and ".join(missing)
    if set(missing) <= {"venv", "ensurepip"}:
        remedy = (
            f"On Debian or Ubuntu: sudo apt install python{version}-venv. Elsewhere, install Python from python.org."
        )
    else:
        remedy = "Install a complete Python 3.11 to 3.13, from python.org or your system's packages."
    raise Failure(f"This Python ({sys.executable}) has no {names} module.", remedy)


def installed(*, dev: bool) -> bool:
    """Whether the environment holds what the lock file names."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    lock = LOCKS[dev]
    return isinstance(stamp, dict) and stamp.get(lock) == fingerprint(ROOT / lock) and venv_python().exists()


def ensure_venv(steps: Steps) -> None:
    """Make ``.venv``, or make it anew where its Python is gone or not a supported one."""
    version = _venv_version()
    if version is not None and (3, 11) <= version <= (3, 13):
        steps.note("up to date")
        return
    check_modules()
    with installing(steps):
        for entry in VENV.iterdir():
            if entry.name != "installing.lock":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        run_tool("make the virtual environment .venv", [sys.executable, "-m", "venv", VENV])


def ensure_packages(steps: Steps, *, dev: bool) -> None:
    """Install the locked packages; ``dev`` adds those for tests and checks."""
    if installed(dev=dev):
        steps.note("up to date")
        return
    lock = ROOT / LOCKS[dev]
    with installing(steps):
        if installed(dev=dev):  # another osmen.py did it while this one waited
            return
        count = _Count(steps, lock)
        command: list[str | Path] = [
            venv_python(),
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--no-deps",
            "--retries",
            "3",
        ]
        run_tool(
            "install its Python packages",
            [*command, "--progress-bar", "off", "-r", lock],
            environment=cache_environment("PIP_CACHE_DIR", "pip"),
            on_line=count.line,
        )
        stamp = {LOCKS[kind]: fingerprint(ROOT / LOCKS[kind]) for kind in LOCKS if dev or not kind}
        STAMP.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(CACHE, ignore_errors=True)


def cache_environment(variable: str, name: str) -> dict[str, str]:
    """Keep an installer's downloads inside ``.venv`` until it succeeded: an interrupted one goes on where it was."""
    return {} if os.environ.get(variable) else {variable: str(CACHE / name)}


def _venv_version() -> tuple[int, int] | None:
    """The version of the environment's Python, if it runs."""
    try:
        answer = subprocess.run(
            [venv_python(), "-c", "import sys, pip; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        major, minor = answer.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return int(major), int(minor)


@contextmanager
def installing(steps: Steps) -> Iterator[None]:
    """One installer at a time for this checkout, however many homes start together."""
    try:
        VENV.mkdir(exist_ok=True)
        lock = FileLock(VENV / "installing.lock")
        waiting = False
        while not lock.acquire():
            if not waiting:
                steps.console.line(f"Another osmen.py (process {lock.holder()}) is installing; waiting for it.")
                waiting = True
            time.sleep(0.5)
    except OSError as error:
        raise Failure(
            f"OsMEN cannot write to {VENV} ({(error.strerror or str(error)).lower()}).",
            "Unlock the project's folder, or clone it to one of your own.",
        ) from error
    try:
        yield
    finally:
        lock.release()


class _Count:
    """Reads pip's lines and tells how many of the lock file's packages it has found."""

    def __init__(self, steps: Steps, lock: Path) -> None:
        self._steps = steps
        self._total = len(re.findall(r"^[A-Za-z0-9]\S*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
        self._done = 0

    def line(self, text: str) -> None:
        if text.startswith("Ignoring "):
            self._total -= 1
        elif text.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
            self._done += 1
            self._steps.progress(self._done, self._total)
        elif text.startswith("Installing collected packages: "):
            self._steps.at(f"unpacking {text.count(',') + 1}")
