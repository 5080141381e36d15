"""What a second worker process is worth: twenty accounts' first sync with one and with two, in turn, on PostgreSQL.

``DATABASE_URL=postgresql:///an_empty_database python benchmarks/workers.py [--messages 200] [--passes 3]``. The sandbox
answers after 100 ms. Where both cores are busy all the while, more processes cannot be worth more: that counts as well.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

from installation import Installation, until

ACCOUNTS, LATENCY_MS = 20, 100
GOAL, BUSY_GOAL = 1.7, 0.95


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="in each account")
    parser.add_argument("--passes", type=int, default=3)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("SQLite has one writer at a time: set DATABASE_URL to an empty PostgreSQL database.")
    given = Installation()
    rates: dict[int, list[float]] = {1: [], 2: []}
    busy: list[float] = []
    with given.running():
        for number in range(ACCOUNTS):
            provider = "google" if number % 2 else "microsoft"
            given.connect(provider, f"person{number}@sandbox.example", messages=options.messages)
        for service in ("gmail", "graph"):
            given.sandbox.drill("latency", service=service, ms=LATENCY_MS)
        for _ in range(options.passes):
            for count, found in rates.items():
                rate, share = first_sync(given, count, ACCOUNTS * options.messages)
                found.append(rate)
                if count == 2:
                    busy.append(share)
    ratio = statistics.median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    share = statistics.median(busy)
    one, two = (statistics.median(found) for found in rates.values())
    print(f"one worker {one:.0f} messages/s, two {two:.0f}: {ratio:.2f} × (goal {GOAL}),", end=" ")
    print(f"cores {share:.0%} busy meanwhile (goal {BUSY_GOAL:.0%})")
    return 0 if ratio >= GOAL or share >= BUSY_GOAL else 1


def first_sync(given: Installation, count: int, messages: int) -> tuple[float, float]:
    """All accounts from the beginning: messages a second, and how busy the machine was."""
    from integrations.models import Budget, Collection, Connection
    from integrations.sync import schedule
    from mail.models import Message
    from mail.store import MailStore

    Collection.objects.all().delete()
    Budget.objects.all().delete()
    for connection in Connection.objects.all():
        while MailStore().purge(connection, 1000):
            pass
    with given.workers(count):
        # What they need to start is not what is measured.
        until(ready, seconds=60)
        for connection in Connection.objects.all():
            schedule.start_soon(connection)
        until(Message.objects.exists, seconds=60)
        already, began, before = Message.objects.count(), time.monotonic(), times()
        until(lambda: Message.objects.count() >= messages, seconds=900, every=0.2)
        took, after = time.monotonic() - began, times()
    return (messages - already) / took, (after[0] - before[0]) / max(after[1] - before[1], 1)


def ready() -> bool:
    """Whether a worker's heart beats since a moment ago."""
    from datetime import timedelta

    from django.utils import timezone

    from integrations.models import Heartbeat

    return Heartbeat.objects.filter(name="worker", beat_at__gt=timezone.now() - timedelta(seconds=2)).exists()


def times() -> tuple[int, int]:
    """Ticks of all cores so far: busy, and all."""
    line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    ticks = [int(field) for field in line.split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


if __name__ == "__main__":
    sys.exit(main())
