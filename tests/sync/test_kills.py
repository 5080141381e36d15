"""Workers killed outright, and more of them than there is work: nothing twice at once, and few pages twice."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from integrations.models import Collection, Connection
from integrations.providers.http import Request, send
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.processes import STORM, SYNC, Workers

MESSAGES, KILLS = 5_000, 20
LATE_MS = 100  # so that a page has a middle
# What lists messages, and how many a page of it holds after the first, which has 50.
LISTS = {"google": ("/gmail/v1/users/me/messages", 100), "microsoft": ("/messages/delta", 50)}


class Pages:
    """Counts the pages of messages that a provider was asked for."""

    def __init__(self, person: Person, provider: str) -> None:
        self._base, self._ends = person.sandbox.base, LISTS[provider][0]
        self._last = self._count = 0

    def read(self) -> int:
        """Take in what was asked since; it is remembered for some thousand calls only."""
        asked = Request("GET", f"{self._base}/_sandbox/calls", params={"since": str(self._last)})
        calls: list[dict[str, Any]] = send(asked).json()
        self._last = max([self._last, *(c["number"] for c in calls)])
        self._count += sum(c["path"].endswith(self._ends) and c["verb"] == "GET" for c in calls)
        return self._count


@pytest.mark.proofs
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_first_sync_killed_twenty_times_reads_at_most_twenty_pages_twice(ada: Person, provider: str) -> None:
    email = "many@history.example"
    account = {"provider": provider, "email": email}
    ada.sandbox.control("seed", accounts=[account])
    for first in range(0, MESSAGES, 500):
        some = [{**account, "subject": f"Letter {n}", "text": f"This is {n}."} for n in range(first, first + 500)]
        ada.sandbox.control("seed", messages=some)
    ada.connects(provider, email)
    connection = Connection.objects.get(email=email)
    pages, dice = Pages(ada, provider), random.Random(5)
    service = {"google": "gmail", "microsoft": "graph"}[provider]
    ada.sandbox.drill("latency", service=service, ms=LATE_MS)
    mine = Message.objects.filter(connection=connection)
    with Workers() as workers:
        for _ in range(KILLS):
            before = mine.count()
            workers.begins(SYNC)
            while mine.count() == before:
                time.sleep(0.02)
                pages.read()
            # Somewhere in the next page: no life brings more than two, so the last leaves something to be done.
            time.sleep(dice.uniform(0, 1.5 * LATE_MS / 1000))
            workers.kill()
            Collection.objects.update(lease=None)
    assert mine.count() < MESSAGES, "the kills came too late to prove anything"
    ada.sandbox.drill("latency", service=service, ms=0)
    engine.run_due()
    assert differences(ada.sandbox, connection) == [] and mine.count() == MESSAGES
    first, rest = 50, LISTS[provider][1]
    # An empty folder is a page as well, and what changed during a walk is asked for after it.
    others = 2 * connection.collections.filter(service="mail").count()
    assert pages.read() <= 1 + (MESSAGES - first) // rest + KILLS + others


@pytest.mark.proofs
@pytest.mark.timeout(300)
def test_four_workers_and_a_storm_never_sync_a_collection_twice_at_once(ada: Person, tmp_path: Path) -> None:
    accounts = {"google": "ada.moreau@gmail.example", "microsoft": "ada@nordlys.example"}
    connections = [ada.connected(provider, account) for provider, account in accounts.items()]
    for service in ("gmail", "calendar", "graph"):
        ada.sandbox.drill("latency", service=service, ms=40)
    ran, refused = tmp_path / "ran", tmp_path / "refused"
    with Workers(STORM=str(tmp_path)) as workers:
        for _ in range(4):
            workers.begins(STORM)
        deadline = time.monotonic() + 120
        while not (ran.exists() and refused.exists() and min(f.stat().st_size for f in (ran, refused)) > 40):
            assert time.monotonic() < deadline, "there is no storm"
            provider, account = random.choice(list(accounts.items()))
            ada.sandbox.drill("add-mail", provider=provider, email=account, subject="In the storm")
            time.sleep(0.1)
    assert list(tmp_path.glob("*.twice")) == []
    Collection.objects.update(lease=None)
    engine.sync_everything()
    for connection in connections:
        assert differences(ada.sandbox, connection) == []
