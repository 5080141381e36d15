"""Processes of their own that do the engine's work on the test's database, and are killed outright."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from integrations.models import Collection, Connection, Grant
from tests.vault.processes import ROOT, environment

# Forks a child for every line on standard input: what to call, and at which point to die (0: it lives).
# Points are where something can be half done: before each statement that writes, and around each request.
FORKING = """
import os, pkgutil, signal, sys
import django
django.setup()
from django.db import connection
from integrations.providers.http import door
from tests.journey import engine
from tests.sync import storm

def die_at(point):
    left = iter(range(point - 1))
    def reached():
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
    exchange = door._exchange
    def exchanging(*given):
        reached()
        answer = exchange(*given)
        reached()
        return answer
    door._exchange = exchanging
    def executing(execute, sql, *given):
        if not sql.lstrip().startswith("SELECT"):
            reached()
        return execute(sql, *given)
    connection.execute_wrappers.append(executing)

print("ready", flush=True)
for line in sys.stdin:
    work, point = line.split()
    child = os.fork()
    if not child:
        if int(point):
            die_at(int(point))
        pkgutil.resolve_name(work)()
        os._exit(0)
    print(child, flush=True)
    if int(point):
        print(os.waitpid(child, 0)[1], flush=True)
"""

PUSH, WORK = "tests.journey.engine:push_all", "tests.journey.engine:work"
STORM = "tests.sync.storm:work"


def the_dead_let_go() -> None:
    """Free at once what killed workers held, which would be free by itself after a while."""
    # One by one: what the database is just ending for a dead worker may be waited for, but not waited for in a ring.
    for pk in Collection.objects.exclude(lease=None).values_list("pk", flat=True):
        Collection.objects.filter(pk=pk).update(lease=None)
    Connection.objects.update(push_lease=None)
    Grant.objects.update(lease=None)


class Workers:
    """A process that has everything loaded, and makes processes that work and die."""

    def __init__(self, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKING],
            cwd=ROOT,
            env=environment() | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.alive: list[int] = []
        assert self._line() == "ready"

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
        self.process.kill()
        self.process.communicate()

    def dies(self, work: str, point: int) -> bool:
        """Let one call ``work``. False when it was done before it came to the point."""
        self._begin(work, point)
        return int(self._line()) != 0

    def begins(self, work: str) -> None:
        """Let one more call ``work``, until it is killed."""
        self.alive.append(self._begin(work, 0))

    def kill(self) -> None:
        """All of them, wherever they are."""
        while self.alive:
            self.kill_one()

    def kill_one(self) -> None:
        """The one that began last."""
        os.kill(self.alive.pop(), signal.SIGKILL)

    def _begin(self, work: str, point: int) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{work} {point}\n")
        self.process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()
