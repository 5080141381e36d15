"""What a round of an idle connection costs: HTTP requests and CPU, for ten folders, three calendars and contacts.

``python benchmarks/rounds.py [--rounds 40]``. It runs on a database and a sandbox of its own; CPU is this process's.
The floor sends as many empty requests through the same pool of connections, in turn with the rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_REQUESTS, MOST_MILLISECONDS = 5, 20.0
ACCOUNTS = {"google": "ada.moreau@gmail.example", "microsoft": "ada@nordlys.example"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    os.environ.update(OSMEN_HOME=tempfile.mkdtemp(prefix="osmen-bench-"), DJANGO_SETTINGS_MODULE="osmen_web.settings")
    os.environ.setdefault("OSMEN_LOG_LEVEL", "ERROR")
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", verbosity=0)
    from osmen_web.celery import settle_memory

    settle_memory()  # as in a worker
    return 0 if measured(options.rounds) else 1


def measured(rounds: int) -> bool:
    from integrations.connect import sandbox_apps
    from integrations.models import Budget, Collection, Connection
    from integrations.providers.http import door
    from tests.journey import engine
    from tests.journey.person import Person
    from tests.providers.sandbox_process import SandboxProcess

    sent: list[str] = []
    exchange = door._exchange

    def counted(request: door.Request, url: str, started: float) -> door.Response:
        sent.append(url)
        return exchange(request, url, started)

    door._exchange = counted
    good = True
    with tempfile.TemporaryDirectory() as home:
        sandbox = SandboxProcess(Path(home))
        try:
            sandbox_apps.ensure(sandbox.base)
            person = Person.signs_up(sandbox, "rounds@example.org")
            for provider, account in ACCOUNTS.items():
                connection = person.connected(provider, account)
                Connection.objects.exclude(pk=connection.pk).update(state="paused")
                Collection.objects.exclude(connection=connection).update(enabled=False)
                parts = connection.collections.exclude(provider_id="").count()
                engine.sync_everything()
                engine.poll_everything()
                ours, floors, requests = [], [], 0
                for _ in range(rounds):
                    sent.clear()
                    Budget.objects.update(spent=[])  # rounds are not minutes apart here
                    started = time.process_time()
                    engine.poll_everything()
                    ours.append((time.process_time() - started) * 1000)
                    requests = max(requests, len(sent))
                    started = time.process_time()
                    for _ in range(len(sent)):
                        door.send(door.Request("GET", f"{sandbox.base}/_sandbox/state"))
                    floors.append((time.process_time() - started) * 1000)
                cpu, floor = statistics.median(ours), statistics.median(floors)
                print(
                    f"{provider}: {parts} collections in {requests} requests (goal {MOST_REQUESTS}),"
                    f" {cpu:.1f} ms of CPU (goal {MOST_MILLISECONDS:.0f}), {cpu / floor:.1f} × as many bare requests"
                )
                good = good and requests <= MOST_REQUESTS and cpu <= MOST_MILLISECONDS
        finally:
            sandbox.stop()
    return good


if __name__ == "__main__":
    sys.exit(main())
