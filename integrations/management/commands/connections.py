"""``osmen.py connections``: look at a person's accounts and do with them what the Integrations page can."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from integrations import disconnect as removal
from integrations.layer import IntegrationLayer
from integrations.management.base import USAGE, PlainCommand, add_json, add_user, layer_of
from integrations.management.syncing import sync_here
from integrations.management.terminal import progress
from integrations.models import Connection
from integrations.sync import schedule
from integrations.vault import lifecycle

_VERBS = {
    "list": "the accounts, their services and how they are",
    "show": "one account in full",
    "sync": "look for news now",
    "pause": "stop syncing and sending",
    "resume": "go on after a pause",
    "reconnect": "give access again, keeping everything",
    "primary": "write new events there where no account is named",
    "disconnect": "end access, and remove what is stored here",
}


class Command(PlainCommand):
    help = "List, sync, pause, resume, reconnect and disconnect accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, said in _VERBS.items():
            one = verbs.add_parser(verb, help=said)
            if verb != "list":
                one.add_argument("account", help="its address, label or id")
            if verb in ("sync", "disconnect"):
                one.add_argument("--wait", action="store_true", help="do it here and now, and return when it is done")
            if verb == "disconnect":
                one.add_argument("--yes", action="store_true", help="do not ask")
            if verb == "reconnect":
                one.add_argument("--paste", action="store_true", help="paste the answer instead of listening for it")
            add_user(one)
            add_json(one)

    def run(self, options: dict[str, Any]) -> None:
        layer = layer_of(options)
        if options["verb"] == "list":
            self._list(layer, options)
            return
        connection = _find(layer, options["account"])
        getattr(self, f"_{options['verb']}")(layer, connection, options)

    def _list(self, layer: IntegrationLayer, options: dict[str, Any]) -> None:
        found = layer.get_integration_status()["connections"]
        if options["json"]:
            self.give(found)
            return
        if not found:
            self.say("Nothing is connected. Connect an account: complete_oauth --provider google")
            return
        rows = [("Account", "Provider", "State", "Mail", "Events", "Contacts", "Edits waiting")]
        for one in found:
            counts = [f"{one[name]:,}" for name in ("messages", "events", "contacts")]
            waiting = str(one["changes"]["waiting"])
            rows.append((one["account"], one["provider"], one["state"], counts[0], counts[1], counts[2], waiting))
        self.table(rows)

    def _show(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        told = layer.get_integration_status()["connections"]
        one = next(c for c in told if c["id"] == str(connection.pk))
        if options["json"]:
            self.give(one)
            return
        self.say(f"{one['account']} ({connection.provider_spec.name}): {one['state']} since {one['since'][:16]}")
        for text in (one["reason"], one["remedy"]):
            if text:
                self.bad(f"  {text}")
        for service in one["services"]:
            fresh = f", up to date {service['fresh_at'][:16]}" if service["fresh_at"] else ""
            self.say(f"  {service['service']}: {service['state']}, {service['count']:,} items{fresh}")
            for text in (service["error"], service["remedy"]):
                if text:
                    self.bad(f"    {text}")
        self.say("  permissions: " + ", ".join(one["permissions"]))

    def _sync(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        if options["wait"]:
            runs = sync_here([connection], self.stderr)
            self._said(connection, f"{connection.email} is up to date ({runs} collections).", options)
        else:
            schedule.sync_now(connection)
            self._said(connection, f"{connection.email} is being synced; OsMEN must be running.", options)

    def _pause(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        lifecycle.pause(connection)
        self._said(connection, f"{connection.email} is paused.", options)

    def _resume(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        with transaction.atomic():
            lifecycle.resume(connection)
            schedule.sync_now(connection)
        self._said(connection, f"{connection.email} goes on.", options)

    def _primary(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        layer.accounts.prefer(connection)
        self._said(connection, f"{connection.email} is the account for new events, unless another is named.", options)

    def _reconnect(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        call_command(
            "complete_oauth",
            provider=connection.provider,
            user=layer.user.email,
            account=str(connection.pk),
            paste=options["paste"],
            json=options["json"],
            stdout=self.stdout,
            stderr=self.stderr,
        )

    def _disconnect(self, layer: IntegrationLayer, connection: Connection, options: dict[str, Any]) -> None:
        if not options["yes"]:
            answer = self.ask(f"Remove {connection.email} and everything of it here? Type its address to confirm")
            if answer.casefold() != connection.email.casefold():
                raise CommandError("Nothing was removed.", returncode=USAGE)
        removal.request_disconnect(connection)
        if options["wait"]:
            self._remove(connection, options)
        done = "removed" if options["wait"] else "being removed; OsMEN must be running"
        self._said(connection, f"{connection.email} is {done}.", options)

    def _remove(self, connection: Connection, options: dict[str, Any]) -> None:
        held = Connection.objects.filter(pk=connection.pk).values_list("removal_total", flat=True).first()
        if held and not options["json"]:
            self.say(f"Removing {held:,} items of {connection.email} …")
        with progress(self.stderr, f"Removing {connection.email}") as shown:
            removal.remove(str(connection.pk), lambda done, total: shown.show(done, total, "items"))

    def _said(self, connection: Connection, text: str, options: dict[str, Any]) -> None:
        now = Connection.objects.filter(pk=connection.pk).first()
        if options["json"]:
            state = str(now.state) if now else "removed"
            self.give({"account": connection.email, "state": state, "at": timezone.now().isoformat()})
        else:
            self.good(text)


def _find(layer: IntegrationLayer, wanted: str) -> Connection:
    """The account that is meant. Raises ``CommandError`` naming those that there are."""
    mine, sought = layer.accounts.all(), wanted.casefold()
    found = [c for c in mine if sought in (c.email.casefold(), c.label.casefold(), str(c.pk))]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{c.pk} ({c.provider_spec.name})" for c in found)
        raise CommandError(f"Several accounts are called so; give an id: {ids}.", returncode=USAGE)
    names = ", ".join(c.email for c in mine) or "nothing"
    raise CommandError(f"There is no account {wanted}. Connected: {names}.", returncode=USAGE)
