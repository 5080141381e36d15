"""``osmen.py complete_oauth``: connect an account without OsMEN's pages, as on a server without a screen.

It prints an address to open in any browser. The answer comes to a loopback address of this machine, or is pasted.
"""

from __future__ import annotations

import webbrowser
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandError

from integrations import app_setup
from integrations.connect import headless, loopback
from integrations.connect.apps import active_app
from integrations.connect.listener import PORT, Listener
from integrations.errors import PermanentFailure
from integrations.layer import IntegrationLayer
from integrations.management.base import USAGE, PlainCommand, add_json, add_provider, add_user, layer_of
from integrations.models import Connection, OAuthApp
from integrations.providers.base import registry
from integrations.records import Service


class Command(PlainCommand):
    help = "Connect an account, or reconnect one, from the command line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_provider(parser)
        add_user(parser)
        parser.add_argument("--account", metavar="EMAIL", help="reconnect this account, and no other")
        parser.add_argument("--services", metavar="LIST", help="mail,calendar,contacts (all by default)")
        parser.add_argument("--scope", action="append", default=[], help="a further permission to ask for")
        parser.add_argument("--code", metavar="URL_OR_CODE", help="finish the attempt that waits with this answer")
        parser.add_argument("--paste", action="store_true", help="paste the answer instead of listening for it")
        parser.add_argument(
            "--print-address", action="store_true", help="print the address and end; finish with --code"
        )
        parser.add_argument("--redirect-uri", metavar="URL", help="the address that is registered for this app")
        parser.add_argument("--port", type=int, default=0, help=f"where to listen ({PORT}, or a free one)")
        parser.add_argument("--open", action="store_true", help="open the address in this machine's browser")
        parser.add_argument("--timeout", type=float, default=300.0, help="seconds to wait for the answer (300)")
        add_json(parser)

    def run(self, options: dict[str, Any]) -> None:
        layer = layer_of(options)
        if options["code"]:
            attempt = headless.pending(layer.user, options["provider"])
            self._done(headless.complete(layer.user, attempt, options["code"]), options)
            return
        app = active_app(options["provider"])
        pinned = self._pinned(layer, options)
        services = self._services(options, pinned, app)
        listens = not (options["paste"] or options["print_address"])
        listening, redirect = self._listening(app, options) if listens else (None, self._redirect(app, options))
        with listening or nullcontext():
            self._check(app, redirect, listens)
            extra = tuple(options["scope"])
            attempt = headless.begin(layer.user, app, services, redirect, reconnect=pinned, extra_scopes=extra)
            self._lead(attempt.address(), options)
            if options["print_address"]:
                return
            if listening:
                self.aside(f"Waiting for the answer at {redirect}. Is the browser on another machine? Use --paste.")
            answer = listening.wait(options["timeout"]) if listening else None
        if answer is None:
            connection = self._pasted(layer, attempt, options)
        else:
            connection = headless.complete(layer.user, attempt, answer)
        self._done(connection, options)

    def _pasted(self, layer: IntegrationLayer, attempt: headless.Attempt, options: dict[str, Any]) -> Connection:
        """Finish with what is pasted, and ask again while that is no answer to this attempt."""
        wrong: PermanentFailure | None = None
        while True:
            try:
                answer = self.ask("Paste the address it ended at")
            except CommandError:
                if wrong is not None:
                    raise wrong from None
                raise
            try:
                return headless.complete(layer.user, attempt, answer)
            except PermanentFailure as error:
                if error.code not in headless.WRONG_ANSWERS:
                    raise
                wrong = error
                (self.aside if options["json"] else self.bad)(error.explanation)

    def _redirect(self, app: OAuthApp, options: dict[str, Any]) -> str:
        return options["redirect_uri"] or app_setup.redirect_uri(app.provider)

    def _listening(self, app: OAuthApp, options: dict[str, Any]) -> tuple[Listener, str]:
        redirect = options["redirect_uri"]
        if not redirect:
            return loopback.listen(app.provider, options["port"])
        try:
            return loopback.listen_at(redirect), redirect
        except ValueError:
            raise CommandError(
                "Only an address of this machine with a port can be listened at; use --paste for another.",
                returncode=USAGE,
            ) from None

    def _check(self, app: OAuthApp, redirect: str, listens: bool) -> None:
        """Before anybody waits: whether the provider would answer there."""
        found = loopback.refusal(app, redirect)
        if found is None:
            return
        pasting = listens and loopback.helped_by_pasting(found)
        instead = " Use --paste, which needs no such address; or let the app know it:" if pasting else ""
        steps = "".join(f"\n{line}" for line in self.clicks(found.mend))
        raise CommandError(
            f"{registry[app.provider].name} would not answer at {redirect}: {found.text}{instead}{steps}"
        )

    def _lead(self, address: str, options: dict[str, Any]) -> None:
        if options["json"] and options["print_address"]:
            self.give({"open": address})
            return
        tell = self.aside if options["json"] else self.say  # with --json there is one document, at the end
        tell("Open this address in a browser and allow access:")
        tell(address)
        if options["open"]:
            webbrowser.open(address)

    def _pinned(self, layer: IntegrationLayer, options: dict[str, Any]) -> Connection | None:
        wanted = options["account"]
        if not wanted:
            return None
        mine = [c for c in layer.accounts.all() if c.provider == options["provider"]]
        found = next((c for c in mine if wanted.casefold() in (c.email.casefold(), str(c.pk))), None)
        if found is None:
            raise CommandError(f"There is no {registry[options['provider']].name} account {wanted} to reconnect.")
        return found

    def _services(self, options: dict[str, Any], pinned: Connection | None, app: OAuthApp) -> frozenset[Service]:
        if options["services"]:
            try:
                return frozenset(Service(name.strip()) for name in options["services"].split(","))
            except ValueError:
                raise CommandError("--services is a list of mail, calendar and contacts.", returncode=USAGE) from None
        if pinned is not None:
            return frozenset(map(Service, pinned.chosen_services))
        return frozenset(app.offered_services)

    def _done(self, connection: Connection, options: dict[str, Any]) -> None:
        spec = connection.provider_spec
        missing = [s.value for s in map(Service, connection.chosen_services) if s not in connection.services]
        if options["json"]:
            told = {"account": connection.email, "provider": spec.id, "id": str(connection.pk), "not_granted": missing}
            self.give(told)
            return
        self.good(f"{connection.email} is connected.")
        if missing:
            self.bad(f"Not allowed, and so off: {', '.join(missing)}.")
        self.say("It is synced while OsMEN runs (osmen.py up). Look: sync status")
