"""OsMEN's services as the quick start runs them: beside its menu, in a process of their own that may outlive it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from integrations.models import Heartbeat

RECENTLY = timedelta(seconds=30)
# The first start may have to fetch what the pages are made of.
PATIENCE = 900.0
LOOK_EVERY = 0.2
READY = "is ready at"


class Services:
    """What ``osmen.py up`` runs with this home, whoever started it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._since = timezone.now() - RECENTLY

    @property
    def ours(self) -> bool:
        """Whether they run because this quick start began them."""
        return self._process is not None and self._process.poll() is None

    def running(self) -> bool:
        since = max(self._since, timezone.now() - RECENTLY)
        return self.ours or Heartbeat.objects.filter(beat_at__gte=since).exists()

    def start(self, say: Callable[[str], None]) -> None:
        """Start them and return when they are ready, telling the steps. Raises ``CommandError`` where they end."""
        path = Path(settings.HOME) / "logs" / "up.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as log, open(path, encoding="utf-8", errors="replace") as said:
            self._process = subprocess.Popen(
                _command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                self._follow(self._process, said, say)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop what this quick start began."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._process, self._since = None, timezone.now()

    def process_id(self) -> str:
        """The launcher's, as its lock names it; empty where it was not started with this home."""
        lock = Path(settings.HOME) / "run" / "up.lock"
        return lock.read_text("ascii").strip() if lock.exists() else ""

    def _follow(self, process: subprocess.Popen[bytes], said: IO[str], say: Callable[[str], None]) -> None:
        ready, last, deadline = False, "", time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            for line in said:
                last = line.rstrip()
                ready = ready or READY in last
                if _worth_telling(last):
                    say(f"  {last}")
            if ready:
                return
            if ended:
                raise CommandError(last.removeprefix("osmen: ") or "OsMEN did not start.")
            time.sleep(LOOK_EVERY)
        raise CommandError("OsMEN did not get ready within a quarter of an hour.")


def _worth_telling(line: str) -> bool:
    """A step when it begins, and where everything is; not that a step has ended, or what ends a terminal of its own."""
    return line.endswith(("…", "...")) if line.startswith("[") else "Ctrl-C" not in line


def _command() -> list[str]:
    """``up`` at the addresses that this command has been told."""
    words = [sys.executable, str(settings.BASE_DIR / "osmen.py"), "up", "--no-open", "--home", str(settings.HOME)]
    for flag, value in (
        ("--host", os.environ.get("OSMEN_HOST")),
        ("--port", os.environ.get("OSMEN_PORT")),
        ("--sandbox-port", urlsplit(settings.OSMEN_SANDBOX_URL).port),
    ):
        words += [flag, str(value)] if value else []
    return words
