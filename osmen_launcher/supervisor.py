"""Keeps the children running: starts them, restarts one that dies, gives up on one that keeps dying, stops them all.

Each child leads a session of its own, so that a Ctrl-C in the terminal reaches the launcher alone and every child is
asked to stop exactly once. What the children are is said in ``children``.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from osmen_launcher.children import Child
from osmen_launcher.console import Console
from osmen_launcher.errors import Failure
from osmen_launcher.groups import ask_to_stop, kill_group
from osmen_launcher.guard import Guard
from osmen_launcher.layout import ROOT, Home
from osmen_launcher.logs import rotate, tail

PATIENCE = 10.0  # seconds that children have to finish what they do
RESTART_DELAY = 1.0
DEATHS, WITHIN = 3, 60.0


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    restart_at: float = 0.0


class Supervisor:
    """The children of one ``up``."""

    def __init__(self, home: Home, children: Sequence[Child], environment: Mapping[str, str], console: Console) -> None:
        self._home = home
        self._environment = dict(environment)
        self._console = console
        self._running = [_Running(child) for child in children]
        self._guard = Guard()
        self._next_rotation = time.monotonic() + 60

    def start(self) -> None:
        for running in self._running:
            rotate(self._home.log(running.child.name))
            self._spawn(running)

    def tick(self) -> None:
        """Look after the children once; call several times a second. Raises Failure when one keeps dying."""
        now = time.monotonic()
        for running in self._running:
            if running.process is not None and running.process.poll() is not None:
                self._died(running, now)
            elif running.process is None and now >= running.restart_at:
                self._spawn(running)
        if now >= self._next_rotation:
            self._next_rotation = now + 60
            for running in self._running:
                rotate(self._home.log(running.child.name))

    def stop(self) -> None:
        """Ask all to stop, wait, kill what is left. Leaves no process."""
        processes = [running.process for running in self._running if running.process is not None]
        for process in processes:
            ask_to_stop(process.pid)
        deadline = time.monotonic() + PATIENCE
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            self._bury(process)
        for running in self._running:
            running.process = None
            self._home.pid_file(running.child.name).unlink(missing_ok=True)
        self._guard.close()

    def _spawn(self, running: _Running) -> None:
        name = running.child.name
        with open(self._home.log(name), "ab") as log:
            running.process = subprocess.Popen(
                running.child.command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                umask=0o077,
            )
        self._guard.started(running.process.pid)
        self._home.pid_file(name).write_text(f"{running.process.pid}\n", encoding="ascii")

    def _died(self, running: _Running, now: float) -> None:
        assert running.process is not None
        name, code = running.child.name, running.process.returncode
        self._bury(running.process)
        running.process = None
        running.deaths = [death for death in running.deaths if now - death < WITHIN] + [now]
        log = self._home.log(name)
        if len(running.deaths) >= DEATHS:
            raise Failure(
                f"The {name} process ended {DEATHS} times within a minute ({_ending(code)}).",
                f"Its log is {log}; its last lines:",
                detail=tail(log),
            )
        running.restart_at = now + RESTART_DELAY
        self._console.line(f"The {name} process ended ({_ending(code)}); starting it again. Log: {log}")

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """End whatever a child has left running, so that nothing keeps its port or its files."""
        kill_group(process.pid)
        process.wait()
        self._guard.ended(process.pid)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
