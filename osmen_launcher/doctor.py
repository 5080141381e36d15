"""``doctor``: what is missing or wrong, each with its remedy. It changes nothing.

This machine is looked at here; the OAuth apps are asked about by the command ``doctor``, where it can run.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable

from osmen_launcher import assets, packages
from osmen_launcher.console import Console
from osmen_launcher.database import check_database
from osmen_launcher.django import run_command
from osmen_launcher.environment import Address, remembered, uses_sqlite
from osmen_launcher.errors import Failure
from osmen_launcher.health import failing
from osmen_launcher.layout import VENV, Home, venv_python
from osmen_launcher.lock import FileLock
from osmen_launcher.packages import installed
from osmen_launcher.ports import check_port
from osmen_launcher.services import check_services
from osmen_launcher.wishes import check_wishes

LEAST_DISK = 500 * 1024 * 1024
START = "Run: python3 osmen.py up"
NO_APP = 4  # as the management commands end


def doctor(home: Home, console: Console, *, provider: str = "", as_json: bool = False) -> int:
    """Print one line a check, or JSON. ``provider`` is the only one to ask, if any.

    0 when all is well, 1 when something is wrong; else what the command ended with, such as 4 for no app.
    """
    address = remembered(home)
    checks: list[Callable[[], str]] = [
        _python,
        _environment,
        _venv,
        _packages,
        _assets,
        lambda: _home(home),
        lambda: _disk(home),
        lambda: _database(home),
        lambda: _keys(home),
        lambda: _app(home, address),
    ]
    told: list[dict[str, object]] = []
    for check in checks:
        try:
            told.append({"ok": True, "text": check()})
        except Failure as failure:
            told.append({"ok": False, "text": failure.sentence, "remedy": failure.remedy})
        if not as_json:
            last = told[-1]
            said = f"{last['text']} {last.get('remedy', '')}".rstrip()
            console.line(f"{console.ok if last['ok'] else console.bad} {said}")
    wrong = sum(not one["ok"] for one in told)
    # The apps are rows: without packages, a database and keys there is nothing to ask.
    needed = all(one["ok"] for one in told[:-1]) and (home.database.exists() or not uses_sqlite())
    runs = needed and installed(dev=False)
    asked = [*(["--provider", provider] if provider else []), *(["--json"] if as_json else [])]
    code, said = run_command(home, "doctor", *asked) if runs else (NO_APP if provider else 0, "")
    ends = 1 if wrong else code
    if as_json:
        console.line(json.dumps({"machine": told, "apps": _parsed(said)}, indent=2))
        return ends
    if said:
        console.line()
        console.line(said.rstrip())
    console.line()
    if wrong:
        console.line(f"{wrong} of {len(checks)} need attention.")
    elif code == NO_APP:
        console.line(
            f"This machine is well, but no OAuth app is set up for {provider}: osmen.py setup_oauth, or /setup/."
        )
    elif code:
        console.line("This machine is well; what is marked “wrong” above needs attention.")
    else:
        console.line("All is well.")
    return ends


def _parsed(said: str) -> object:
    """The command's JSON, else its sentence; nothing where it did not run."""
    try:
        return json.loads(said) if said else None
    except ValueError:
        return said


def _environment() -> str:
    check_wishes()
    return "Environment variables can be used"


def _python() -> str:
    packages.check_modules()
    return f"Python {sys.version.split()[0]} with all it needs ({sys.executable})"


def _venv() -> str:
    if not venv_python().exists():
        raise Failure("There is no virtual environment yet.", START)
    return f"Virtual environment {VENV}"


def _packages() -> str:
    if not packages.installed(dev=False):
        raise Failure("The Python packages are not those of requirements.txt.", START)
    return "Python packages as locked" + (", with those for tests" if packages.installed(dev=True) else "")


def _assets() -> str:
    if not assets.installed(dev=False):
        node = "" if assets.system_npm() else " (it brings its own Node.js, for want of a recent one here)"
        raise Failure("The front-end assets are missing or outdated.", f"{START}{node}")
    return "Front-end assets as locked"


def _home(home: Home) -> str:
    if not home.path.exists():
        raise Failure(f"The home {home.path} does not exist yet.", START)
    try:
        home.check_writable()
    except OSError as error:
        raise Failure(
            f"The home {home.path} cannot be written ({(error.strerror or str(error)).lower()}).",
            "Unlock that folder, or choose another with --home DIR.",
        ) from error
    return f"Home {home.path} can be written"


def _disk(home: Home) -> str:
    folder = next(folder for folder in (home.path, *home.path.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    if free < LEAST_DISK:
        raise Failure(f"Only {free // 1024**2} MB are free on the disk of {home.path}.", "Free at least 500 MB.")
    return f"{free / 1024**3:.1f} GB free on its disk"


def _database(home: Home) -> str:
    check_database(home, thorough=True)
    check_services()
    if not uses_sqlite():
        return "The database server answers"
    return "Database intact" if home.database.exists() else "No database in the home yet; the first start makes it"


def _keys(home: Home) -> str:
    folder = home.folder("keys")
    if not folder.is_dir() or not any(folder.iterdir()):
        if home.database.exists() and home.database.stat().st_size:
            raise Failure(
                f"The home has a database but no keys in {folder}.",
                "Put back the keys from your backup, or name them by OSMEN_KEYSET_FILE and OSMEN_SECRET_KEY_FILE.",
            )
        return "No keys in the home yet; the first start makes them"
    shared = 0 if sys.platform == "win32" else 0o077
    loose = [path.name for path in (folder, *folder.iterdir()) if path.stat().st_mode & shared]
    if loose:
        raise Failure(
            f"Others on this machine can read {', '.join(loose)} in {home.path}.", f"Run: chmod -R go= {folder}"
        )
    return "Keys present, readable by you alone"


def _app(home: Home, address: Address) -> str:
    lock = FileLock(home.folder("run") / "up.lock")
    if lock.path.exists() and not lock.acquire():
        failed, logs = failing(address, timeout=5), f"See the logs in {home.folder('logs')}."
        if failed is None:
            raise Failure(f"OsMEN runs (process {lock.holder()}) but does not answer.", logs)
        if failed:
            raise Failure(f"OsMEN runs, but {', '.join(failed)} failed.", logs)
        return f"OsMEN runs well at {address.public_url}"
    lock.release()
    check_port(address.host, address.port, flag="--port", what="the app")
    return f"OsMEN is not running; port {address.port} is free for it"
