"""An OsMEN of a benchmark's own, as it runs for people: a home, a sandbox with accounts, workers and beat as processes.

On SQLite in a new home, or on the empty database that ``DATABASE_URL`` names, which is emptied again at the end.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.models import Connection
    from tests.journey.person import Person
    from tests.providers.sandbox_process import SandboxProcess

ROOT = Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK")
TEXT = "The kettle is on and the minutes of last week are attached in spirit. " * 20


class Installation:
    """What a benchmark runs against. ``settings`` are variables of the environment; make one only, and first."""

    sandbox: SandboxProcess
    person: Person

    def __init__(self, **settings: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="osmen-bench-"))
        atexit.register(shutil.rmtree, self.home, ignore_errors=True)
        fixed = {"OSMEN_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "osmen_web.settings", "PYTHONPATH": str(ROOT)}
        os.environ.update({"OSMEN_LOG_LEVEL": "ERROR"} | fixed | settings)
        sys.path.insert(0, str(ROOT))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("prepare", verbosity=0)
        from accounts.models import User

        if User.objects.exists():
            raise SystemExit("There are people in this database: a benchmark needs an empty one.")

    @contextmanager
    def running(self) -> Iterator[Installation]:
        """With a sandbox and a person who has connected nothing yet."""
        from django.core.management import call_command

        from integrations.connect import sandbox_apps
        from tests.journey.person import Person
        from tests.providers.sandbox_process import SandboxProcess

        (self.home / "sandbox").mkdir(exist_ok=True)
        self.sandbox = SandboxProcess(self.home / "sandbox")
        try:
            sandbox_apps.ensure(self.sandbox.base)
            self.person = Person.signs_up(self.sandbox, "bench@example.org")
            yield self
        finally:
            self.sandbox.stop()
            call_command("flush", interactive=False, verbosity=0)

    def connect(self, provider: str, email: str, *, messages: int) -> Connection:
        """An account with so much mail, connected; nothing of it is synced yet."""
        from integrations.models import Connection

        whose = {"provider": provider, "email": email}
        letters = [whose | {"raw": _letter(email, n), "received": _moment(n)} for n in range(messages)]
        self.sandbox.control("seed", accounts=[whose], messages=letters)
        assert self.person.connects(provider, email).status_code == 302
        return Connection.objects.get(provider=provider, email=email)

    @contextmanager
    def workers(self, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many worker processes, and beat, with the commands that ``up`` has."""
        from osmen_launcher import children

        commands = [children.worker() for _ in range(count)] + [children.beat(self.home / f"beat-{uuid.uuid4().hex}")]
        with (self.home / "processes.log").open("ab") as log:
            started = [
                subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=log) for command in commands
            ]
        try:
            yield started[:count]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def until(condition: Callable[[], Any], *, seconds: float, every: float = 0.05) -> float:
    """Wait for a condition; the seconds that it took. Raises ``SystemExit`` where it does not come true."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"Nothing came of it within {seconds:.0f} seconds.")
        time.sleep(every)
    return time.monotonic() - began


def _letter(email: str, number: int) -> str:
    head = f"From: eva@example.org\nTo: {email}\nSubject: Note {number}\nMessage-ID: <{number}.{uuid.uuid4()}@x>"
    return f"{head}\n\nDear all,\n\n{TEXT}\n"


def _moment(number: int) -> str:
    return f"2026-{number % 10 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00+00:00"
