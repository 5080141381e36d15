"""Soak: histories by chance for as long as you like, with worker processes at work and killed outright meanwhile.

``python benchmarks/soak.py --minutes 60``, or ``--seed 7 --histories 1`` to tell one again. It runs on a database and a
sandbox of its own, and ends with 1 where what is here was not what is there, naming the seed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
WORKER = """
import django; django.setup()
from tests.journey import engine
print("ready", flush=True)
while True:
    engine.push_all()
    engine.sync_everything()
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000, help="the first history's")
    parser.add_argument("--histories", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--length", type=int, default=40, help="steps in a history")
    return parser.parse_args()


@contextmanager
def workers_to_be_killed(dice: random.Random) -> Iterator[None]:
    """Some workers that sync and send at once; each is killed at some moment after the block, wherever it is."""
    from integrations.models import Collection, Connection, Grant

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WORKER]
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(WORKERS)
    ]
    try:
        for worker in workers:
            if worker.stdout is None or not worker.stdout.readline():
                raise RuntimeError("a worker did not start")
        yield
        for worker in workers:
            time.sleep(dice.uniform(0, 1.5))
            worker.kill()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    # What the dead held would be free by itself after some seconds.
    Collection.objects.update(lease=None)
    Connection.objects.update(push_lease=None)
    Grant.objects.update(lease=None)


def soak(options: argparse.Namespace) -> int:
    """Tell histories until the time is up. Answers how many diverged."""
    from integrations.connect import sandbox_apps
    from tests.journey.person import Person
    from tests.providers.sandbox_process import SandboxProcess
    from tests.sync.history.history import BOTH, History
    from tests.sync.history.owner import THERE

    ends, diverged, told = time.monotonic() + options.minutes * 60, 0, 0
    with tempfile.TemporaryDirectory() as home:
        sandbox = SandboxProcess(Path(home))
        try:
            sandbox_apps.ensure(sandbox.base)
            person = Person.signs_up(sandbox, "soak@example.org")
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
        finally:
            sandbox.stop()
    print(f"{told} histories of {options.length} steps from seed {options.seed}: {diverged} diverged")
    return diverged


def main() -> int:
    options = arguments()
    home = tempfile.mkdtemp(prefix="osmen-soak-")
    os.environ.update(OSMEN_HOME=home, DJANGO_SETTINGS_MODULE="osmen_web.settings")
    os.environ.setdefault("OSMEN_LOG_LEVEL", "ERROR")
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", verbosity=0)
    return 1 if soak(options) else 0


if __name__ == "__main__":
    sys.exit(main())
