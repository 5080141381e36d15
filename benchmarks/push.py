"""From a change at the provider to the committed row, where it tells of changes: p50 and p95 of many, in turn.

``python benchmarks/push.py [--changes 40]``. A web server, a worker and beat run as for people; the sandbox knocks at
the web server. The peer is asking: the shortest interval at which OsMEN polls.
"""

from __future__ import annotations

import argparse
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from installation import ROOT, Installation, until

GOAL_SECONDS, ASKING_SECONDS = 2.0, 5.0
ACCOUNT = "ada@nordlys.example"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=40)
    changes = parser.parse_args().changes
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    # Polling is out of the way, so that what comes in time was told.
    given = Installation(OSMEN_PUSH_URL=f"http://127.0.0.1:{port}", OSMEN_POLL_SECONDS="600")
    with given.running(), web(given, port), given.workers(1):
        seconds = sorted(told(given, changes))
    half, most = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
    print(
        f"{changes} changes at Microsoft: p50 {half:.2f} s, p95 {most:.2f} s (goal {GOAL_SECONDS} s),"
        f" {most / ASKING_SECONDS:.2f} × asking every {ASKING_SECONDS:.0f} seconds"
    )
    return 0 if most < GOAL_SECONDS else 1


def told(given: Installation, changes: int) -> Iterator[float]:
    """Seconds from each change to its row."""
    from integrations.models import Channel, Collection
    from mail.models import Message

    given.person.connects("microsoft", ACCOUNT)
    inbox = Collection.objects.filter(service="mail", priority=0, phase="current")
    until(lambda: Channel.objects.filter(collection__in=inbox).exclude(provider_id="").exists(), seconds=120)
    dice = random.Random(1)
    for number in range(changes):
        # At no particular moment of anybody's rhythm.
        time.sleep(dice.uniform(1.0, 2.0))
        subject = f"Knock {number}"
        given.sandbox.drill("add-mail", provider="microsoft", email=ACCOUNT, subject=subject)
        yield until(Message.objects.filter(subject=subject).exists, seconds=60, every=0.01)


@contextmanager
def web(given: Installation, port: int) -> Iterator[None]:
    """The web server, as ``up`` starts it."""
    from osmen_launcher import children

    with (given.home / "web.log").open("wb") as log:
        command = [sys.executable, *children.web("127.0.0.1", port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


if __name__ == "__main__":
    sys.exit(main())
