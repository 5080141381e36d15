"""``osmen.py setup_oauth``: keep the OAuth app that new connections are made with, checked and encrypted.

Without credentials it asks, question by question; with them it needs no terminal. A secret is never printed.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from integrations import app_setup
from integrations.errors import PermanentFailure
from integrations.management.base import NOT_CONFIGURED, USAGE, PlainCommand, add_json, add_provider
from integrations.models import OAuthApp
from integrations.providers.base import Provider, RegisteredClient, registry
from integrations.records import Service


class Command(PlainCommand):
    help = "Set up your own OAuth app at Google or Microsoft, or look at those that are set up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_provider(parser, required=False)
        parser.add_argument("--list", action="store_true", help="the providers and their apps")
        parser.add_argument("--status", action="store_true", help="the same; exit code 4 where a provider has no app")
        parser.add_argument("--client-json", metavar="FILE", help="the JSON of the client from Google's console")
        parser.add_argument("--client-id", metavar="ID", help="the client id, together with --client-secret-file")
        parser.add_argument(
            "--client-secret-file", metavar="FILE", help="a file that holds the secret, and nothing else"
        )
        parser.add_argument(
            "--tenant", default="common", help="Microsoft: common, organizations, consumers, or one's id"
        )
        parser.add_argument(
            "--scopes",
            help="what the app is for, and what connecting asks for: "
            f"{', '.join(app_setup.TEMPLATES)} (the default), or custom with services after it (custom:mail)",
        )
        add_json(parser)

    def run(self, options: dict[str, Any]) -> None:
        if options["list"] or options["status"]:
            self._show(options)
            return
        given = self._given(options)
        if given is None and not options["provider"]:
            options["provider"] = self._choose("Provider", [spec.id for spec in registry])
        if not options["provider"]:
            raise CommandError("Say which provider: --provider google or --provider microsoft.", returncode=USAGE)
        spec = registry[options["provider"]]
        if given is None and options["scopes"] is None:
            services = self._ask_services()
        else:
            services = self._services(options["scopes"] or app_setup.DEFAULT_TEMPLATE)
        if given is None:
            given = self._ask(spec, services, options)
        app = app_setup.store(spec.id, given, services=services)
        if options["json"]:
            self.give(self._told(spec, app))
            return
        self.good(f"{spec.name} is set up: new accounts are connected with {app.client_id}.")
        self.say("Next: connect an account in the browser, or with: complete_oauth --provider " + spec.id)

    def _given(self, options: dict[str, Any]) -> RegisteredClient | None:
        """Credentials from the flags; None where there are none and somebody must be asked."""
        if options["client_json"]:
            options["provider"] = options["provider"] or "google"
            return app_setup.read_client_file(options["provider"], options["client_json"])
        if bool(options["client_id"]) != bool(options["client_secret_file"]):
            raise CommandError("--client-id and --client-secret-file go together.", returncode=USAGE)
        if not options["client_id"]:
            return None
        try:
            secret = Path(options["client_secret_file"]).expanduser().read_text("utf-8").strip()
        except OSError as error:
            raise CommandError(f"The secret's file cannot be read: {error.strerror}.") from None
        return RegisteredClient(options["client_id"], secret, options["tenant"])

    def _services(self, template: str) -> tuple[Service, ...]:
        """What ``--scopes`` says. Raises ``CommandError`` for anything else."""
        if (services := _known(template)) is None:
            known = ", ".join(app_setup.TEMPLATES)
            raise CommandError(f"--scopes is one of {known}, or custom:mail,calendar.", returncode=USAGE)
        return services

    def _ask_services(self) -> tuple[Service, ...]:
        """What the app is for; asked again until it is one of the templates, or custom with services after it."""
        choices = f"{', '.join(app_setup.TEMPLATES)}, or custom:mail,calendar"
        while (services := _known(said := self.ask(f"What it is for ({choices})", app_setup.DEFAULT_TEMPLATE))) is None:
            self.bad(f"{said} is none of {choices}.")
        return services

    def _ask(self, spec: Provider, services: tuple[Service, ...], options: dict[str, Any]) -> RegisteredClient:
        """Question by question; what is wrong is said and asked again."""
        self.say(f"1. Open {spec.console_url} and register a web application.")
        self.say(f"2. Give it this redirect address:  {app_setup.redirect_uri(spec.id)}")
        self.say("3. Let it ask for these permissions:")
        for scope in spec.scopes_for(frozenset(services)):
            self.say(f"     {scope}")
        if spec.read_client is not None and (known := self._ask_file(spec)) is not None:
            return known
        while True:
            client_id = self.ask("   Client id")
            secret = self.ask_secret("   Client secret")
            tenant = self.ask("   Tenant", options["tenant"]) if "{tenant}" in spec.endpoints["authorize"] else "common"
            given = RegisteredClient(client_id, secret, tenant)
            wrong = app_setup.problems(spec.id, given)
            if not wrong:
                return given
            for problem in wrong:
                self.bad(f"   {problem}")

    def _ask_file(self, spec: Provider) -> RegisteredClient | None:
        """The client in a file; None where its id and secret are to be typed."""
        while path := self.ask("4. Path of the client's JSON file, or empty to type its id and secret"):
            try:
                given = app_setup.read_client_file(spec.id, path)
            except PermanentFailure as error:
                self.bad(f"   {error.explanation}")
                continue
            wrong = app_setup.problems(spec.id, given)
            if not wrong:
                return given
            for problem in wrong:
                self.bad(f"   {problem}")
        return None

    def _choose(self, question: str, choices: list[str]) -> str:
        while (answer := self.ask(f"{question} ({', '.join(choices)})", choices[0])) not in choices:
            self.bad(f"{answer} is none of {', '.join(choices)}.")
        return answer

    def _show(self, options: dict[str, Any]) -> None:
        chosen = [spec for spec in registry if options["provider"] in (None, spec.id)]
        apps = {app.provider: app for app in OAuthApp.objects.filter(active=True)}
        told = [self._told(spec, apps.get(spec.id)) for spec in chosen]
        if options["json"]:
            self.give(told)
        else:
            rows = [("Provider", "App", "Tenant", "Connections", "State")]
            for one in told:
                state = one["trouble"] or (
                    "sandbox" if one["sandbox"] else "ready" if one["configured"] else "not set up"
                )
                rows.append(
                    (one["provider"], one["client_id"] or "-", one["tenant"] or "-", str(one["connections"]), state)
                )
            self.table(rows)
        if options["status"] and not all(one["configured"] for one in told):
            missing = ", ".join(one["name"] for one in told if not one["configured"])
            raise CommandError(f"Not set up: {missing}.", returncode=NOT_CONFIGURED)

    def _told(self, spec: Provider, app: OAuthApp | None) -> dict[str, Any]:
        return {
            "provider": spec.id,
            "name": spec.name,
            "configured": app is not None,
            "sandbox": bool(app and app.sandbox),
            "client_id": app.client_id if app else None,
            "tenant": app.tenant if app else None,
            "services": [s.value for s in app.offered_services] if app else None,
            "trouble": (app.trouble or None) if app else None,
            "connections": app.connections.count() if app else 0,
            "redirect_uri": app_setup.redirect_uri(spec.id),
        }


def _known(template: str) -> tuple[Service, ...] | None:
    """The services of a template, or those after ``custom:``; None for what is neither."""
    name, _, own = template.partition(":")
    if name != "custom":
        return app_setup.TEMPLATES.get(template)
    try:
        return tuple(Service(one.strip()) for one in own.split(","))
    except ValueError:
        return None
