"""Processes of their own that ask the vault for tokens, on the test's database and with its key ring."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]

# Waits for the word on standard input, so that all begin at once; prints a line of JSON.
ASKING = """
import hashlib, json, sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.db import connections
from integrations.models import Connection
from integrations.vault import tokens

connection_id, threads = sys.argv[1], int(sys.argv[2])

def ask(_):
    try:
        one = Connection.objects.get(pk=connection_id)
        given = tokens.access_token(one, purpose=tokens.Purpose.SYNC)
        return hashlib.sha256(given.encode()).hexdigest()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connections.close_all()

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(threads) as pool:
    print(json.dumps(list(pool.map(ask, range(threads)))), flush=True)
"""


def environment() -> dict[str, str]:
    """What makes another process use this test's database and keys."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        address = f"sqlite:///{database['NAME']}"
    else:
        user, host, port = database["USER"], database["HOST"] or "127.0.0.1", database["PORT"] or 5432
        secret = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
        address = f"postgresql://{user}{secret}@{host}:{port}/{database['NAME']}"
    return os.environ | {
        "DATABASE_URL": address,
        "OSMEN_HOME": str(settings.HOME),
        "DJANGO_SETTINGS_MODULE": "osmen_web.settings",
        "OSMEN_LOG_LEVEL": "WARNING",
    }


class Asker:
    """A process with some threads, each of which asks once for a connection's token."""

    def __init__(self, connection_id: Any, threads: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ASKING, str(connection_id), str(threads)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        """Let its threads ask."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answers(self) -> list[str]:
        """A hash of each token that was given, or the error's text."""
        out, _ = self.process.communicate(timeout=120)
        found: list[str] = json.loads(out)
        return found


# Forks a child for every line on standard input and prints its pid; a child renews over and over until it is killed.
RENEWING = """
import os, signal, sys
from datetime import timedelta
import django
django.setup()
from django.utils import timezone
from integrations.errors import IntegrationError
from integrations.models import Connection, Grant
from integrations.vault import refresh, tokens

connection_id = sys.argv[1]
refresh.LEASE = timedelta(seconds=2)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    while True:
        grants = Grant.objects.filter(pk=connection_id)
        grants.update(access_expires_at=timezone.now(), burst=0, retry_at=None)
        try:
            tokens.access_token(Connection.objects.get(pk=connection_id), purpose=tokens.Purpose.SYNC)
        except IntegrationError:
            pass
"""


class Nursery:
    """A process that has everything loaded, and makes processes that renew a connection's grant until they die."""

    def __init__(self, connection_id: Any, ring: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RENEWING, str(connection_id)],
            cwd=ROOT,
            env=environment() | {"OSMEN_KEYSET": "", "OSMEN_KEYSET_FILE": str(ring)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"
        self.alive: list[int] = []

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *exc: object) -> None:
        for _ in range(len(self.alive)):
            self.kills_the_eldest()
        self.process.kill()
        self.process.communicate()

    def has_one_more(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("one\n")
        self.process.stdin.flush()
        self.alive.append(int(self._line()))

    def kills_the_eldest(self) -> None:
        """Outright, wherever it is."""
        os.kill(self.alive.pop(0), signal.SIGKILL)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()
