"""``osmen.py integration_test``: ask every service of every account for something, for real, and say what is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from integrations import app_setup
from integrations.doctor import explained
from integrations.layers.accounts import configured
from integrations.layers.probes import Probe, probe_all
from integrations.management.base import (
    FAILED,
    NOT_CONFIGURED,
    RECONNECT,
    PlainCommand,
    add_json,
    add_provider,
    add_user,
    layer_of,
)
from integrations.models import OAuthApp
from integrations.providers.base import registry
from integrations.providers.guides import Finding, Mend

_TO_RECONNECT = ("ReconnectRequired", "Unauthorized", "ScopeMissing")


class Command(PlainCommand):
    help = "Try every connected service at its provider. Nothing is changed there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user(parser)
        add_provider(parser, required=False)
        add_json(parser)

    def run(self, options: dict[str, Any]) -> None:
        layer = layer_of(options)
        probes: list[Probe] = []
        for probe in probe_all(layer.accounts, options["provider"]):
            probes.append(probe)
            if not options["json"]:
                self._print(probe)
        if options["json"]:
            self.give([self._told(probe) for probe in probes])
        wrong = [probe for probe in probes if not probe.works]
        if not probes:
            chosen = [spec for spec in registry if options["provider"] in (None, spec.id)]
            if not any(configured(spec.id) for spec in chosen):
                raise CommandError("No OAuth app is set up yet: setup_oauth.", returncode=NOT_CONFIGURED)
            raise CommandError("Nothing is connected yet: complete_oauth, or the Integrations page.", returncode=FAILED)
        if wrong:
            dead = any(probe.error in _TO_RECONNECT for probe in wrong)
            said = f"{len(wrong)} of {len(probes)} services do not work."
            raise CommandError(said, returncode=RECONNECT if dead else FAILED)
        if not options["json"]:
            self.good(f"All {len(probes)} services work.")

    def _print(self, probe: Probe) -> None:
        about = f"{probe.account}, {probe.name}"
        if probe.works:
            self.say(f"  works   {about}: {probe.found} ({probe.milliseconds} ms)")
        else:
            self.bad(f"  fails   {about}: {probe.problem}")
            self.mend(self._explained(probe).mend)

    def _explained(self, probe: Probe) -> Finding:
        """The same as the doctor says: which page to open and what to click, where the setup is to blame."""
        app = OAuthApp.objects.get(connections__pk=probe.connection)
        services = frozenset(app.offered_services)
        place = app_setup.place(probe.provider, services)
        return explained(probe, registry[probe.provider].guide, app.credentials(), place)

    def _told(self, probe: Probe) -> dict[str, Any]:
        mend = Mend() if probe.works else self._explained(probe).mend
        return {**probe.as_json(), "page": mend.page or None, "clicks": list(mend.clicks)}
