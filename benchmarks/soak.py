"""Soak: histories by chance for as long as you like, with worker processes at work and killed outright meanwhile.

``python benchmarks/soak.py --minutes 60``, or ``--seed 7 --histories 1`` to tell one again. Ends with 1 where what is
here was not what is there, naming the seed. With ``--mailbox 50000 --kills 20`` it is instead the first sync of so many
messages, at each provider, by a process that is killed so many times; it ends with 1 also where more pages were read
twice than there were kills. Runs on SQLite, or on the empty database that ``DATABASE_URL`` names.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from installation import Installation

if TYPE_CHECKING:
    from tests.journey.person import Person

PROVIDERS = ("google", "microsoft")
WORKERS = 2


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000, help="the first history's")
    parser.add_argument("--histories", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--length", type=int, default=40, help="steps in a history")
    parser.add_argument("--mailbox", type=int, metavar="MESSAGES", help="a first sync of so many, instead of histories")
    parser.add_argument("--kills", type=int, default=20, help="of that first sync")
    parser.add_argument("--providers", nargs="+", choices=PROVIDERS, default=PROVIDERS, help="of that first sync")
    return parser.parse_args()


@contextmanager
def workers_to_be_killed(dice: random.Random) -> Iterator[None]:
    """Some workers that sync and send at once; each is killed at some moment after the block, wherever it is."""
    from tests.sync.processes import WORK, Workers, the_dead_let_go

    with Workers(OSMEN_LOG_LEVEL="ERROR") as workers:
        for _ in range(WORKERS):
            workers.begins(WORK)
        yield
        for _ in range(WORKERS):
            time.sleep(dice.uniform(0, 1.5))
            workers.kill_one()
    the_dead_let_go()


def histories(person: Person, options: argparse.Namespace) -> int:
    """Tell histories until the time is up. Answers how many diverged."""
    from tests.sync.history.history import BOTH, History
    from tests.sync.history.owner import THERE

    ends, diverged, told = time.monotonic() + options.minutes * 60, 0, 0
    for seed in range(options.seed, options.seed + options.histories):
        if time.monotonic() > ends:
            break
        dice = random.Random(seed)
        history = History(person, f"soak{seed}", (*BOTH, dice.choice(BOTH)))
        for _ in range(4):
            history.take_random(dice, options.length // 4)
            with workers_to_be_killed(dice):
                history.take_random(dice, options.length // 8, THERE)
        found = history.quiet()
        told += 1
        if found:
            diverged += 1
            print(f"seed {seed} diverged after {history.steps}:", *found[:20], sep="\n  ", flush=True)
        history.forget()
        if told % 10 == 0:
            print(f"{told} histories, {diverged} diverged", flush=True)
    print(f"{told} histories of {options.length} steps from seed {options.seed}: {diverged} diverged")
    return diverged


def mailboxes(person: Person, options: argparse.Namespace) -> int:
    """A first sync at each provider. Answers how many did not end as they should."""
    from django.db import connection

    from tests.sync.first_sync import FirstSync

    failed = 0
    for provider in options.providers:
        first_sync, began = FirstSync(person, provider, options.mailbox), time.monotonic()
        first_sync.killed(options.kills, random.Random(options.seed))
        found, twice = first_sync.ends(), first_sync.read_twice()
        came, took = first_sync.here(), time.monotonic() - began
        told = f"{came:,} of {options.mailbox:,} messages, {len(found)} differences, {options.kills} kills"
        told += f" by chance {options.seed}, {twice} pages read twice, {took:.0f} s"
        print(f"{provider} on {connection.vendor}: {told}", *found[:20], sep="\n  ", flush=True)
        failed += bool(found) or twice > options.kills
    return failed


def main() -> int:
    options = arguments()
    with Installation().running() as given:
        told = mailboxes if options.mailbox else histories
        return 1 if told(given.person, options) else 0


if __name__ == "__main__":
    sys.exit(main())
