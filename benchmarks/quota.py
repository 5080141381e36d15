"""How much of Gmail's quota a first sync uses: of a sandbox that enforces it, with a worker and beat as for people.

``python benchmarks/quota.py [--minutes 3]``. The peer is the quota itself: 6,000 units a minute for each account of a
project made since May 2026, 20 for a message. Counted are the calls that the sandbox answered, and those it refused.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from installation import Installation, until

GOAL, UNITS, SECONDS, MESSAGE = 0.95, 6_000, 60.0, 20
PRICES = {"messages": 5, "history": 2, "watch": 100}
ACCOUNT = "quota@sandbox.example"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=3)
    minutes = parser.parse_args().minutes
    given = Installation(OSMEN_GMAIL_QUOTA="small")
    with given.running():
        given.sandbox.drill("quota-table", table="new")
        given.connect("google", ACCOUNT, messages=int((minutes + 1) * UNITS / MESSAGE))
        with given.workers(1):
            until(lambda: gmail(given), seconds=60)
            time.sleep(minutes * SECONDS)
            calls = gmail(given)
    began = calls[0]["at"]
    within = [call for call in calls if call["at"] < began + minutes * SECONDS]
    used = sum(price(call["path"]) for call in within if call["status"] < 400)
    refused = sum(call["status"] in (403, 429) for call in within)
    share = used / (minutes * UNITS)
    print(
        f"{used:,} of {minutes * UNITS:,} units in {minutes} minutes: {share:.1%} (goal {GOAL:.0%}), {refused} refused"
    )
    return 0 if share >= GOAL and not refused else 1


def gmail(given: Installation) -> list[dict[str, Any]]:
    """The calls of Gmail that the sandbox remembers, those inside of batches one by one."""
    from integrations.providers.http import Request, door

    told = door.send(Request("GET", f"{given.sandbox.base}/_sandbox/calls")).json()
    return [call for call in told if call["path"].startswith("/gmail/")]


def price(path: str) -> int:
    """What a call cost, as Google's table has it."""
    last = path.rstrip("/").rpartition("/")[2]
    return MESSAGE if "/messages/" in path else PRICES.get(last, 1)


if __name__ == "__main__":
    sys.exit(main())
