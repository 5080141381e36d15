"""``osmen.py doctor``, the part about OAuth apps: what is wrong with them, the page to open and what to click there.

The launcher runs it after its own checks of the machine. The same as "Check this setup" in the browser.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from integrations import doctor
from integrations.management.base import FAILED, NOT_CONFIGURED, PlainCommand, add_json, add_provider
from integrations.models import OAuthApp
from integrations.providers.base import registry
from integrations.providers.guides import Finding, Verdict

_MARKS = {Verdict.OK: "ok", Verdict.WRONG: "wrong", Verdict.UNSURE: "unseen", Verdict.NOTE: "note"}


class Command(PlainCommand):
    help = "Ask the providers about the OAuth apps, and say what is wrong with them and how it is mended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_provider(parser, required=False)
        add_json(parser)

    def run(self, options: dict[str, Any]) -> None:
        chosen = [spec for spec in registry if options["provider"] in (None, spec.id)]
        apps = {app.provider: app for app in OAuthApp.objects.filter(active=True)}
        told, wrong = [], 0
        for spec in chosen:
            app = apps.get(spec.id)
            found = doctor.examine(app) if app else []
            wrong += sum(one.verdict is Verdict.WRONG for one in found)
            told.append(
                {"provider": spec.id, "configured": app is not None, "findings": [doctor.as_json(one) for one in found]}
            )
            if not options["json"]:
                self._print(spec.name, app, found)
        if options["json"]:
            self.give(told)
        if wrong:
            raise CommandError(f"{wrong} thing{'' if wrong == 1 else 's'} to put right.", returncode=FAILED)
        if options["provider"] and not apps.get(options["provider"]):
            raise CommandError("No OAuth app is set up yet: setup_oauth, or /setup/.", returncode=NOT_CONFIGURED)

    def _print(self, name: str, app: OAuthApp | None, found: list[Finding]) -> None:
        kind = "no app is set up" if app is None else "the sandbox" if app.sandbox else app.client_id
        self.say(self.style.MIGRATE_HEADING(f"{name}: {kind}"))
        for one in found:
            about = f" ({one.account})" if one.account else ""
            line = f"  {_MARKS[one.verdict]:<7} {one.title}{about}: {one.text}"
            if one.verdict is Verdict.WRONG:
                self.bad(line)
            else:
                self.say(line)
            if one.verdict is not Verdict.OK:
                self.mend(one.mend)
