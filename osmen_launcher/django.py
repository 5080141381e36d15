"""Starts the project's own code: management commands, scripts, and the preparation of a home before it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from osmen_launcher.console import Console, Steps
from osmen_launcher.database import check_database, damaged
from osmen_launcher.environment import child_environment, project_on_path, remembered
from osmen_launcher.errors import Failure
from osmen_launcher.layout import ROOT, Home, venv_python
from osmen_launcher.packages import check_modules, ensure_packages, ensure_venv, installed
from osmen_launcher.wishes import check_wishes

MANAGE = ROOT / "manage.py"
CANNOT_READ = ("malformed", "not a database", "disk image")
SCRIPT = """\
import django, runpy, sys
django.setup()
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def prepare(home: Home, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run ``manage.py prepare`` (keys, migrations, the sandbox's OAuth apps) and return what it found."""
    said = _manage(home, environment, "prepare", "--json").stdout.strip()
    found = json.loads(said.splitlines()[-1])
    if not isinstance(found, dict):
        raise TypeError(f"prepare must print an object, not {said!r}")
    return found


def run_command(home: Home, *arguments: str) -> tuple[int, str]:
    """Run a management command to its end: its exit code and what it said, if only why it could not."""
    environment = project_on_path(child_environment(home, remembered(home)))
    command: list[str | Path] = [venv_python(), MANAGE, *arguments]
    answer = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8"
    )
    return answer.returncode, answer.stdout or "".join(answer.stderr.strip().splitlines()[-1:])


def collect_static(home: Home, environment: Mapping[str, str]) -> None:
    """Gather static files under their hashed names, for a server."""
    _manage(home, environment, "collectstatic", "--noinput", "--verbosity", "0")


def _manage(home: Home, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [venv_python(), MANAGE, *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
    )
    log = home.log("prepare")
    log.write_text(answer.stderr, encoding="utf-8")
    if answer.returncode:
        raise _refusal(home, arguments[0], answer.stderr, log)
    return answer


def _refusal(home: Home, command: str, said: str, log: Path) -> Failure:
    """A command's own sentence is passed on; of a traceback only the last line is shown."""
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()] or ["it gave no reason"]
    if "Traceback (most recent call last)" not in said:
        return Failure(lines[-1].removeprefix("CommandError: ").removeprefix("osmen: "))
    if any(word in lines[-1] for word in CANNOT_READ):
        return damaged(home.database, lines[-1].partition(": ")[2] or lines[-1])
    return Failure(f"Preparing OsMEN ({command}) failed: {lines[-1].rstrip('.')}.", f"The whole report is in {log}.")


def hand_over(
    home: Home, arguments: Sequence[str | Path], console: Console, *, prepared: bool = False, quiet: bool = False
) -> int:
    """Run the project's Python with ``arguments`` and the home's environment, in place of the launcher where it can.

    ``quiet``: of the log only what is wrong comes to the terminal, unless OSMEN_LOG_LEVEL asks for more.

    Installs what is missing first, saying so on ``console``, and with ``prepared`` makes the home ready as ``up`` does;
    the exit code is the command's own.
    """
    check_wishes()
    if not installed(dev=False):
        check_modules()
        steps = Steps(console, 2)
        steps.begin("Making the virtual environment")
        ensure_venv(steps)
        steps.begin("Installing Python packages")
        ensure_packages(steps, dev=False)
        steps.end()
    home.prepare()
    check_database(home)
    environment = project_on_path(child_environment(home, remembered(home)))
    if quiet:
        environment.setdefault("OSMEN_LOG_LEVEL", "WARNING")
    if prepared:
        prepare(home, environment)
    command = [str(venv_python()), *(str(part) for part in arguments)]
    if os.name == "nt":
        return subprocess.run(command, env=environment).returncode
    os.umask(0o077)
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def run_script(home: Home, arguments: Sequence[str], console: Console) -> int:
    """Run a Python file with Django set up."""
    if not arguments:
        raise Failure("There is no file to run.", "Say which: python3 osmen.py run FILE.py", code=2)
    file = Path(arguments[0]).resolve()
    if not file.is_file():
        raise Failure(f"There is no file {arguments[0]}.", "Say which: python3 osmen.py run FILE.py", code=2)
    return hand_over(home, ["-c", SCRIPT, file, *arguments[1:]], console, quiet=True)
