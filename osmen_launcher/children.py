"""What runs: the four processes of OsMEN and their commands, in the order in which they start.

``docker-compose.yml`` states the same commands for a server. Watching them is the supervisor's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from osmen_launcher.environment import Address, production, uses_sqlite
from osmen_launcher.layout import Home, venv_python

# Paths without their query: OAuth codes travel in queries.
ACCESS_LOG = '%(time)s %(addr)s "%(method)s %(path)s" %(status)d %(dt_ms).1f ms'


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep running; ``name`` is that of its log and of its pid file."""

    name: str
    command: tuple[str, ...]


def web(host: str, port: int, *, workers: int = 1) -> list[str]:
    """Serves pages, by WSGI: synchronous views under ASGI are many times slower."""
    # fmt: off
    return [
        "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--http", "1", "--no-ws",
        "--workers", str(workers), "--blocking-threads", "4", "--workers-kill-timeout", "5",
        "--access-log", "--access-log-fmt", ACCESS_LOG,
        "osmen_web.wsgi:application",
    ]
    # fmt: on


def worker() -> list[str]:
    """Does the background work. Threads, because it waits for networks; it needs no talk among workers."""
    # fmt: off
    return [
        "-m", "celery", "-A", "osmen_web", "worker", "--pool", "threads", "--concurrency", "4",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO",
    ]
    # fmt: on


def beat(schedule: Path) -> list[str]:
    """Says when background work is due."""
    return ["-m", "celery", "-A", "osmen_web", "beat", "--schedule", str(schedule), "--loglevel", "INFO"]


def sandbox(home: Home, address: Address, port: int, corpus: Path | None) -> list[str]:
    """The local Google and Microsoft."""
    # fmt: off
    command = [
        "-m", "sandbox", "--host", "127.0.0.1", "--port", str(port), "--home", str(home.folder("sandbox")),
        "--redirect-base", address.public_url,
    ]
    # fmt: on
    return [*command, "--corpus", str(corpus)] if corpus else command


def children(home: Home, address: Address, *, sandbox_port: int, corpus: Path | None) -> list[Child]:
    """The processes of an ``up``; the sandbox first, since the app asks it, and only where it has an address."""
    python = str(venv_python())
    # SQLite has one writer: more processes would only wait for each other.
    workers = 1 if uses_sqlite() or not production() else min(4, os.cpu_count() or 1)
    commands = {
        "sandbox": sandbox(home, address, sandbox_port, corpus) if address.sandbox_url else None,
        "web": web(address.host, address.port, workers=workers),
        "worker": worker(),
        "beat": beat(home.folder("run") / "beat-schedule"),
    }
    return [Child(name, (python, *command)) for name, command in commands.items() if command]
