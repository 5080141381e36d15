"""``osmen.py sync status``: how fresh everything is, once or again and again."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from integrations.management.base import FAILED, RECONNECT, PlainCommand, add_json, add_user, layer_of
from integrations.models.connection import State

_ENDED = (State.RECONNECT, State.UNREADABLE)


class Command(PlainCommand):
    help = "How fresh mail, calendars and contacts are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        status = verbs.add_parser("status", help="every service; exit code 3 to reconnect, 1 where something fails")
        status.add_argument("--watch", action="store_true", help="look again every --every seconds")
        status.add_argument(
            "--every", type=float, default=2.0, metavar="SECONDS", help="how long to wait in between (2)"
        )
        status.add_argument("--times", type=int, metavar="N", help="end after looking so often")
        add_user(status)
        add_json(status)

    def run(self, options: dict[str, Any]) -> None:
        layer, looks = layer_of(options), 0
        while True:
            found = layer.get_integration_status()["connections"]
            self._print(found, options)
            looks += 1
            if not options["watch"] or looks == options["times"]:
                break
            time.sleep(options["every"])
            if not options["json"]:
                self.say()
        ended = [c["account"] for c in found if c["state"] in _ENDED]
        if ended:
            raise CommandError(f"Reconnect {', '.join(ended)}.", returncode=RECONNECT)
        failing = [f"{c['account']} {s['service']}" for c in found for s in c["services"] if s["error"]]
        if failing:
            raise CommandError(f"Failing: {', '.join(failing)}.", returncode=FAILED)

    def _print(self, found: list[dict[str, Any]], options: dict[str, Any]) -> None:
        if options["json"]:
            self.give(found, lines=options["watch"])
            return
        if not found:
            self.say("Nothing is connected.")
            return
        rows = [("Account", "Service", "State", "Items", "Up to date", "")]
        for connection in found:
            for service in connection["services"]:
                fresh = (service["fresh_at"] or "")[:19].replace("T", " ")
                note = connection["reason"] or service["error"] or _progress(service["progress"])
                state = service["state"] if connection["state"] == State.ACTIVE else connection["state"]
                rows.append((connection["account"], service["service"], state, f"{service['count']:,}", fresh, note))
        self.table(rows)


def _progress(progress: dict[str, Any]) -> str:
    if not progress["walked"]:
        return ""
    return f"{progress['walked']:,} of {progress['total']:,}" if progress["total"] else f"{progress['walked']:,} so far"
