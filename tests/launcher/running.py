"""Runs the real launcher as a user would, in a process of its own with a home in a temporary folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("web", "worker", "beat", "sandbox")


def free_ports() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This machine's environment without what would point the launcher anywhere else than its flags do."""
    foreign = ("OSMEN_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | dict(extra or {})


def osmen(
    *arguments: str | int | Path, root: Path = ROOT, extra: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``osmen.py`` to its end."""
    return subprocess.run(
        [sys.executable, root / "osmen.py", *map(str, arguments)],
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def wait_for(what: Callable[[], Any], seconds: float, step: float = 0.1) -> Any:
    """What ``what`` gives once it is true; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(step)


class Up:
    """An ``osmen.py up`` in the background."""

    def __init__(
        self, home: Path, *flags: str, port: int | None = None, extra: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.port = port or free_ports()
        self.output = home.parent / f"{home.name}-{self.port}.out"
        command: Sequence[str | Path] = [sys.executable, ROOT / "osmen.py", "up", "--no-open", "--home", home]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *flags],
                env=environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Up:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until_ready(self, seconds: float = 90) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.said
            return "is ready at" in self.said

        wait_for(ready, seconds)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 15) -> int:
        """Send a signal; the launcher's exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def health(self) -> dict[str, Any] | None:
        """What ``/healthz`` says, or None where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        except OSError:
            return None
        return found

    def well(self) -> bool:
        health = self.health()
        return health is not None and health["status"] == "ok"

    def pid(self, name: str) -> int:
        return int((self.home / "run" / f"{name}.pid").read_text())

    def kill(self, name: str) -> None:
        """Kill a child outright and wait until another took its place, or the launcher gave up."""
        before = self.pid(name)
        os.kill(before, signal.SIGKILL)

        def replaced() -> bool:
            try:
                return self.pid(name) != before
            except (FileNotFoundError, ValueError):  # being written anew, or taken away by a launcher that gave up
                return self.process.poll() is not None

        wait_for(replaced, 15)

    def processes(self) -> list[int]:
        """Every process on this machine that runs with this home."""
        mark = f"OSMEN_HOME={self.home}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
                if alive and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except (OSError, IndexError):
                continue
        return found
