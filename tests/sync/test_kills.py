"""Workers killed outright, and more of them than there is work: nothing twice at once, and few pages twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from integrations.models import Collection
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.first_sync import FirstSync
from tests.sync.processes import STORM, Workers

MESSAGES, KILLS = 5_000, 20


@pytest.mark.proofs
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_first_sync_killed_twenty_times_reads_at_most_twenty_pages_twice(ada: Person, provider: str) -> None:
    first_sync = FirstSync(ada, provider, MESSAGES)
    first_sync.killed(KILLS, random.Random(5))
    assert first_sync.ends() == []
    assert first_sync.read_twice() <= KILLS


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
