"""``osmen.py setup``: the quick start in a terminal, step by step; it works in a plain pipe as well.

It starts the services itself, beside its menu, so that one terminal is enough.
"""

from __future__ import annotations

import platform
import sys
import time
from argparse import ArgumentParser
from typing import Any

import django
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import User
from integrations.layers.accounts import configured
from integrations.management import terminal
from integrations.management.base import USAGE, PlainCommand
from integrations.management.running import Services
from integrations.models import Connection
from integrations.models.connection import State
from integrations.providers.base import registry
from integrations.vault import keyring

PATIENCE = 300.0
HOW = {True: "browser", False: "no"}
_DOCS = ("docs/getting-started.md", "docs/python-layer.md", "docs/command-line.md", "docs/configuration.md")


class Command(PlainCommand):
    help = "The quick start: prerequisites, connecting accounts, status, a test, and starting everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--choose", metavar="N", help="do one step of the menu and end")

    def run(self, options: dict[str, Any]) -> None:
        self._services = Services()
        if options["choose"]:
            self._do(self._steps(), options["choose"])
            return
        while True:
            self.say()
            steps = self._steps()
            shown = {key: title for key, (title, _) in steps.items()}
            terminal.menu(self, "OsMEN quick start", shown | {"0": "Exit"})
            choice = self.ask("Choose", "0")
            if choice == "0":
                self._leave()
                return
            try:
                self._do(steps, choice)
            except CommandError as error:
                self.bad(str(error))

    def _steps(self) -> dict[str, tuple[str, Any]]:
        connects = [(f"Connect {spec.name}", (self._connect, spec.id)) for spec in registry]
        steps: list[tuple[str, Any]] = [
            ("Check prerequisites", (self._prerequisites,)),
            *connects,
            ("Show the status", (self._status,)),
            ("Test every service", (self._test,)),
            ("Show where the documentation is", (self._docs,)),
            ("Stop everything", (self._stop,)) if self._services.ours else ("Start everything", (self._start,)),
        ]
        return {str(n): step for n, step in enumerate(steps, 1)}

    def _do(self, steps: dict[str, tuple[str, Any]], choice: str) -> None:
        if choice not in steps:
            raise CommandError(f"{choice} is not on the menu.", returncode=USAGE)
        title, (step, *arguments) = steps[choice]
        self.say(self.style.MIGRATE_HEADING(title))
        step(*arguments)

    def _prerequisites(self) -> None:
        """What must be there, each with what to do where it is not."""
        self._check(f"Python {platform.python_version()}", sys.version_info >= (3, 11), "install Python 3.11 or newer")
        self._check(f"Django {django.__version__}", True, "")
        database.ensure_connection()
        executor = MigrationExecutor(database)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        self._check(f"database ({database.vendor})", not behind, "run: osmen.py up, which brings it up to date")
        self._check("key ring", keyring.exists(), "run: osmen.py up, which makes one")
        for spec in registry:
            known = configured(spec.id)
            self._check(f"{spec.name} app", known, f"choose “Connect {spec.name}”, or start everything for sample ones")
        people = User.objects.count()
        self._check(f"{people} people" if people != 1 else "1 person", people > 0, "sign up in the browser")

    def _check(self, what: str, good: bool, remedy: str) -> None:
        self.good(f"  ok       {what}") if good else self.bad(f"  missing  {what}: {remedy}")

    def _connect(self, provider: str) -> None:
        """The app first, then an account."""
        name = registry[provider].name
        if not self._services.running() and self._agreed("OsMEN is not running. Start it here, beside this menu?"):
            self._start()
        if not configured(provider):
            self.say(f"There is no app for {name} yet. To try OsMEN with sample accounts instead, start it first.")
            call_command("setup_oauth", provider=provider, stdout=self.stdout)
        email = self.ask("Your e-mail address here", self._somebody())
        if not User.objects.filter(email__iexact=email).exists():
            self.say(f"Nobody has signed up with {email}. Making that account; choose a password.")
            self._sign_up(email)
        running = self._services.running()
        if not running:
            self.say("OsMEN is not running, so the browser cannot help: start it, or paste the answer here.")
        how = self.ask("Connect in the browser, or by pasting here? (browser, paste, no)", HOW[running])
        if how == "browser":
            self._wait_for(provider, email)
        elif how == "paste":
            call_command("complete_oauth", provider=provider, user=email, paste=True, stdout=self.stdout)

    def _wait_for(self, provider: str, email: str) -> None:
        """Until that person has connected an account in the browser."""
        name = registry[provider].name
        self.say(f"Open {settings.OSMEN_PUBLIC_URL}/integrations/ , sign in as {email}, and press Connect {name}.")
        self.say("Waiting for it. Ctrl-C leads back to the menu.")
        mine = Connection.objects.filter(user__email__iexact=email, provider=provider, state=State.ACTIVE)
        begun, patience = timezone.now(), time.monotonic() + PATIENCE
        try:
            while (found := mine.filter(state_since__gte=begun).first()) is None and time.monotonic() < patience:
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
        if found is None:
            self.bad("Nothing was connected within five minutes.")
        else:
            self.good(f"  ok       {found.email} is connected, and its first sync has begun.")

    def _sign_up(self, email: str) -> None:
        """A person as the sign-up page makes them: the first is the administrator."""
        while True:
            password = self.ask_secret("Password")
            try:
                validate_password(password)
                break
            except ValidationError as error:
                self.bad(" ".join(error.messages))
        first = not User.objects.exists()
        User.objects.create_user(email, password, is_staff=first, is_superuser=first)

    def _status(self) -> None:
        call_command("setup_oauth", list=True, stdout=self.stdout)
        if User.objects.exists():
            call_command("connections", "list", user=self._somebody() or None, stdout=self.stdout)

    def _test(self) -> None:
        call_command("integration_test", user=self._somebody() or None, stdout=self.stdout)

    def _docs(self) -> None:
        self.say(f"  {settings.OSMEN_PUBLIC_URL}/help/   (while OsMEN runs)")
        for page in _DOCS:
            self.say(f"  {settings.BASE_DIR / page}")

    def _start(self) -> None:
        if self._services.running():
            self.good(f"  ok       OsMEN runs at {settings.OSMEN_PUBLIC_URL}")
            self._say_how_to_stop()
            return
        self._services.start(self.say)
        self.good("  ok       everything runs, beside this menu")

    def _stop(self) -> None:
        self._services.stop()
        self.good("  ok       OsMEN has stopped.")

    def _leave(self) -> None:
        """What this began may go on, and does at the end of a pipe."""
        if not self._services.ours:
            return
        try:
            stays = self._agreed("OsMEN is running. Leave it running?")
        except CommandError:
            stays = True
        if stays:
            self._say_how_to_stop()
        else:
            self._stop()

    def _say_how_to_stop(self) -> None:
        process = self._services.process_id()
        self.say(f"  It is stopped by: kill {process}" if process else "  It is stopped where it was started.")

    def _agreed(self, question: str) -> bool:
        """Yes, unless somebody says no. Raises ``CommandError`` where nobody answers."""
        return not self.ask(f"{question} (yes, no)", "yes").casefold().startswith("n")

    def _somebody(self) -> str:
        """The only person here, or nobody."""
        people = list(User.objects.values_list("email", flat=True)[:2])
        return people[0] if len(people) == 1 else ""
