"""Whether a worker's memory stays flat while a mailbox grows: resident size after 1,000 messages and after many more.

``python benchmarks/memory.py [messages]`` (100,000 by default). Messages are those of ``sync.py``, a page at a time.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST, GOAL = 1_000, 0.10


def resident() -> float:
    """Megabytes of its own that are in use now, without what it shares with the system's cache of its database."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1e3


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    home = tempfile.mkdtemp(prefix="osmen-bench-")
    os.environ.update(OSMEN_HOME=home, DJANGO_SETTINGS_MODULE="osmen_web.settings", OSMEN_LOG_LEVEL="ERROR")
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", verbosity=0)
    import sync

    from osmen_web.celery import settle_memory

    settle_memory()
    ours = sync.Ours()
    early = 0.0
    for start in range(0, count, sync.PAGE):
        ours.store(ours.received(sync.answers(sync.PAGE, start + 1)))
        if start + sync.PAGE == FIRST:
            early = resident()
    late = resident()
    grown = late / early - 1
    print(f"{early:.0f} MB after {FIRST:,} messages, {late:.0f} MB after {count:,}: {grown:+.1%} (goal ±{GOAL:.0%})")
    return 0 if abs(grown) <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
