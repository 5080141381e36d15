"""Killed outright in the middle of the first sync: afterwards there is here what the provider has, and each once."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.launcher.running import osmen, wait_for
from tests.system.conftest import new_services
from tests.system.running import ACCOUNTS, System, Visitor

SERVICES = ("gmail", "calendar", "graph")
HERE = """
import json
from mail.models import Message
print(json.dumps(list(Message.objects.values_list("connection__email", "provider_id"))))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where each test's OsMEN keeps everything."""
    return tmp_path / "home"


@pytest.fixture
def services() -> Iterator[dict[str, str]]:
    """Each test's own: a database holds what only the keys of its home can read."""
    with new_services() as extra:
        yield extra


def letters(provider: str, email: str, first: int, last: int) -> list[dict[str, Any]]:
    return [
        {"provider": provider, "email": email, "subject": f"Letter {n}", "text": f"This is letter {n}."}
        for n in range(first, last)
    ]


def seed(system: System, count: int) -> None:
    """Give both accounts ``count`` more messages."""
    for provider, email in ACCOUNTS:
        for first in range(0, count, 500):
            some = letters(provider, email, first, min(first + 500, count))
            system.sandbox.control("seed", messages=some)


def answer_after(system: System, milliseconds: int) -> None:
    """Let the providers take their time, so that a sync has a middle."""
    for service in SERVICES:
        system.sandbox.drill("latency", service=service, ms=milliseconds)


def arrived(visitor: Visitor) -> int:
    return sum(messages for messages, _ in visitor.here().values())


def same_messages(system: System, folder: Path) -> bool:
    """Whether the messages here are, one by one, those at the providers."""
    script = folder / "here.py"
    script.write_text(HERE)
    answer = osmen("run", script, "--home", system.home, extra=system.extra)
    assert answer.returncode == 0, answer.stderr
    here = sorted((email, provider_id) for email, provider_id in json.loads(answer.stdout))
    there = [(email, m["id"]) for provider, email in ACCOUNTS for m in system.sandbox.messages(provider, email)]
    return here == sorted(there)


def killed_at_work(system: System, visitor: Visitor, moment: float = 0.0) -> None:
    """Kill the worker ``moment`` seconds after the next messages have come."""
    before = arrived(visitor)
    wait_for(lambda: arrived(visitor) > before, 60)
    time.sleep(moment)
    system.kill("worker")


def killed_as_a_whole(system: System) -> None:
    """Kill the launcher; its children go with it."""
    system.process.kill()
    system.process.wait()
    wait_for(lambda: not system.processes(), 15)


def test_killed_during_the_first_sync(home: Path, services: dict[str, str], tmp_path: Path) -> None:
    """First the worker, which the launcher starts again; then everything, which its user starts again."""
    with System(home, extra=services) as system:
        seed(system, 600)
        total = sum(system.at_provider()[email][0] for _, email in ACCOUNTS)
        answer_after(system, 300)
        ada = Visitor(system)
        ada.signs_up("ada@example.org")
        for provider, account in ACCOUNTS:
            ada.connects(provider, account)
        killed_at_work(system, ada)
        wait_for(lambda: arrived(ada) < total and system.well(), 20)
        killed_as_a_whole(system)
    with System(home, extra=services, port=system.port) as again:
        ada.reopens()
        assert arrived(ada) < total, "the kills came too late to prove anything"
        answer_after(again, 0)
        ada.waits_for_all(60)
        assert same_messages(again, tmp_path)


@pytest.mark.proofs
@pytest.mark.timeout(1500)
def test_five_thousand_messages_and_twenty_kills(home: Path, services: dict[str, str], tmp_path: Path) -> None:
    moments, port = random.Random(20), None
    ada: Visitor | None = None
    for life in range(7):
        with System(home, extra=services, port=port) as system:
            port = system.port
            if ada is None:
                seed(system, 5000)
                total = sum(system.at_provider()[email][0] for _, email in ACCOUNTS)
                answer_after(system, 200)
                ada = Visitor(system)
                ada.signs_up("ada@example.org")
                for provider, account in ACCOUNTS:
                    ada.connects(provider, account)
            ada.reopens()
            killed_at_work(system, ada, moments.uniform(0, 2))
            killed_at_work(system, ada, moments.uniform(0, 2))
            if life < 6:
                killed_as_a_whole(system)
                continue
            assert arrived(ada) < total, "the kills came too late to prove anything"
            answer_after(system, 0)
            ada.waits_for_all(240)
            assert same_messages(system, tmp_path)
