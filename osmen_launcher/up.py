"""``up``: from whatever this machine has to a running app, and back to nothing when asked to stop."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from osmen_launcher.assets import ensure_assets
from osmen_launcher.children import children
from osmen_launcher.console import Console, Steps
from osmen_launcher.database import check_database
from osmen_launcher.django import collect_static, prepare
from osmen_launcher.environment import Address, child_environment, production, remember, sandbox_allowed
from osmen_launcher.errors import Failure, Stopped
from osmen_launcher.health import failing
from osmen_launcher.layout import Home
from osmen_launcher.lock import FileLock
from osmen_launcher.logs import tail
from osmen_launcher.manual import ensure_manual
from osmen_launcher.orphans import end_orphans
from osmen_launcher.packages import check_modules, ensure_packages, ensure_venv
from osmen_launcher.ports import check_port
from osmen_launcher.services import check_services
from osmen_launcher.supervisor import Supervisor
from osmen_launcher.wishes import check_wishes

READY_WITHIN = 90.0
TICK = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """The flags of ``up``. ``sandbox`` is None where neither flag was given: then it depends on the OAuth apps."""

    home: Home
    host: str
    port: int
    sandbox: bool | None
    sandbox_port: int
    corpus: Path | None
    open_browser: bool


def up(options: Options, console: Console) -> int:
    """Prepare and run everything until SIGINT or SIGTERM. Raises Failure where something stands in the way."""
    stop = _StopRequest()
    check_wishes()
    _check_sandbox(options)
    with stop.listening(), _locked(options.home, Steps(console, 7)) as steps:
        address = _check_machine(options, console)
        stop.check()
        install(steps, dev=False)
        steps.begin("Preparing the database")
        address, link = _prepare(options, address, console)
        steps.begin("Starting")
        remember(options.home, address)
        processes = children(options.home, address, sandbox_port=options.sandbox_port, corpus=options.corpus)
        supervisor = Supervisor(options.home, processes, child_environment(options.home, address), console)
        stop.defer()
        try:
            supervisor.start()
            if _wait_until_ready(options.home, address, supervisor, stop):
                steps.end()
                _announce(options, address, link, console)
            while not stop.requested:
                supervisor.tick()
                time.sleep(TICK)
            console.line("Stopping …")
        finally:
            supervisor.stop()
        console.line("OsMEN has stopped.")
    return 0


def install(steps: Steps, *, dev: bool) -> None:
    """Four steps: the virtual environment, its packages, the front-end assets, the help pages."""
    steps.begin("Making the virtual environment")
    ensure_venv(steps)
    steps.begin("Installing Python packages")
    ensure_packages(steps, dev=dev)
    steps.begin("Fetching front-end assets")
    ensure_assets(steps, dev=dev)
    steps.begin("Building the help pages")
    ensure_manual(steps)


def _check_sandbox(options: Options) -> None:
    if options.sandbox and not sandbox_allowed():
        raise Failure(
            "The sandbox does not run in production, because it lets everyone in.",
            "Leave --sandbox away, or set OSMEN_ALLOW_SANDBOX=1 for a demo.",
            code=2,
        )


@contextlib.contextmanager
def _locked(home: Home, steps: Steps) -> Iterator[Steps]:
    """One ``up`` per home."""
    steps.begin("Checking this machine")
    home.prepare()
    lock = FileLock(home.folder("run") / "up.lock")
    if not lock.acquire():
        raise Failure(
            f"OsMEN already runs with the home {home.path} (process {lock.holder()}).",
            "Stop that one, or give this one a home of its own with --home DIR.",
        )
    try:
        yield steps
    finally:
        lock.release()


def _check_machine(options: Options, console: Console) -> Address:
    check_modules()
    left = end_orphans(options.home)
    if left:
        console.line(f"Ended what an earlier start had left running: {', '.join(left)}.")
    check_database(options.home)
    check_services()
    check_port(options.host, options.port, flag="--port", what="the app")
    address = Address(options.host, options.port)
    if options.sandbox is False or not sandbox_allowed():
        return address
    check_port("127.0.0.1", options.sandbox_port, flag="--sandbox-port", what="the sandbox")
    return dataclasses.replace(address, sandbox_url=f"http://127.0.0.1:{options.sandbox_port}")


def _prepare(options: Options, address: Address, console: Console) -> tuple[Address, str]:
    """Prepare the home; what it holds decides whether the sandbox is wanted, and whether it needs an administrator."""
    environment = child_environment(options.home, address)
    found = prepare(options.home, environment)
    if found.get("sandbox_idle") and options.sandbox is None and address.sandbox_url:
        # Every provider has a real app, and no account leads to the sandbox: prepare again, without it.
        address = dataclasses.replace(address, sandbox_url="")
        environment = child_environment(options.home, address)
        found = prepare(options.home, environment)
    if production():
        collect_static(options.home, environment)
    return address, str(found.get("admin_link") or "")


def _wait_until_ready(home: Home, address: Address, supervisor: Supervisor, stop: _StopRequest) -> bool:
    """True when all checks are well, False when asked to stop before."""
    deadline = time.monotonic() + READY_WITHIN
    while not stop.requested:
        supervisor.tick()
        failed = failing(address)
        if failed == []:
            return True
        if time.monotonic() > deadline:
            names = ["web"] if failed is None else failed
            first = home.log(names[0].split()[0])
            raise Failure(
                f"OsMEN started but did not get well within {READY_WITHIN:.0f} seconds: {', '.join(names)} failed.",
                f"The logs are in {home.folder('logs')}; the last lines:",
                detail=tail(first if first.exists() else home.log("web")),
            )
        time.sleep(TICK)
    return False


def _announce(options: Options, address: Address, link: str, console: Console) -> None:
    console.line(f"{console.ok} OsMEN is ready at {address.public_url}")
    if link:
        console.line(f"  Nobody has an account yet. Make the administrator's here, once: {link}")
    if address.sandbox_url:
        console.line(f"  Its sandbox (a local Google and Microsoft to try it with) is at {address.sandbox_url}")
    console.line(f"  Home: {options.home.path} - Ctrl-C stops it.")
    if options.open_browser and _has_display():
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(link or address.public_url)


def _has_display() -> bool:
    """A text browser in this terminal would help nobody."""
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class _StopRequest:
    """SIGINT, SIGTERM and their like: they end the launcher where it is, or once there are children, in order."""

    def __init__(self) -> None:
        self.requested = False
        self._deferred = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {number: signal.signal(number, self._receive) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def defer(self) -> None:
        """From now on there are children to stop first."""
        self._deferred = True

    def check(self) -> None:
        if self.requested:
            raise Stopped

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        if not self._deferred:
            raise Stopped
