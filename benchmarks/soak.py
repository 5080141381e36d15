"""Soak: histories by chance for as long as you like, with worker processes killed outright in between.

``python benchmarks/soak.py --minutes 60``, or ``--seed 7 --histories 1`` to tell one again. It runs on a database and a
sandbox of its own, and ends with 1 where what is here was not what is there, naming the seed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKER = """
import django; django.setup()
from tests.journey import engine
engine.sync_everything()
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000, help="the first history's")
    parser.add_argument("--histories", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--length", type=int, default=40, help="steps in a history")
    return parser.parse_args()


def killed_worker(dice: random.Random) -> None:
    """Let a worker of its own sync, and kill it after a moment, wherever it is."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        worker.wait(1.2 + dice.random() * 2)
    except subprocess.TimeoutExpired:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def soak(options: argparse.Namespace) -> int:
    """Tell histories until the time is up. Answers how many diverged."""
    from integrations.connect import sandbox_apps
    from integrations.models import Collection
    from tests.journey.person import Person
    from tests.providers.sandbox_process import SandboxProcess
    from tests.sync.history.history import BOTH, History

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
                    killed_worker(dice)
                    Collection.objects.update(lease=None)
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
