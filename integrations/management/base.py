"""What the commands share: exit codes, errors in one sentence, whose accounts are meant, JSON, questions.

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 an account must be reconnected, 4 nothing is set up for this provider.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from integrations.connect.capture import Refused
from integrations.errors import IntegrationError, MisconfiguredApp, ReconnectRequired, ScopeMissing, Unauthorized
from integrations.layer import IntegrationLayer, get_integration_layer
from integrations.management import terminal
from integrations.providers.base import registry
from integrations.providers.guides import Mend

FAILED, USAGE, RECONNECT, NOT_CONFIGURED = 1, 2, 3, 4
NO_TABLE = ("no such table", "no such column", "does not exist")  # as SQLite and PostgreSQL say it


class PlainCommand(ABC, BaseCommand):
    """A command whose errors are sentences and exit codes. Subclasses write ``run``."""

    for_scripts = False  # whether standard output is one JSON document and nothing else

    def handle(self, *args: Any, **options: Any) -> None:
        self.for_scripts = bool(options.get("json"))
        log = logging.getLogger()
        level = log.level
        if not os.environ.get("OSMEN_LOG_LEVEL"):
            log.setLevel(max(level, logging.WARNING))  # a terminal shows what the command says, not its every request
        try:
            self.run(options)
        except IntegrationError as error:
            raise CommandError(error.explanation, returncode=exit_code(error)) from None
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=FAILED) from None
        except DatabaseError as error:
            if any(words in str(error) for words in NO_TABLE):
                raise CommandError(
                    "This home is not prepared yet. Run: python3 osmen.py up", returncode=FAILED
                ) from None
            raise
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        finally:
            log.setLevel(level)

    @abstractmethod
    def run(self, options: dict[str, Any]) -> None:
        """Do it. May raise ``integrations.errors``."""

    def say(self, text: str = "") -> None:
        """A line for people."""
        self.stdout.write(text)

    def good(self, text: str) -> None:
        self.stdout.write(self.style.SUCCESS(text))

    def bad(self, text: str) -> None:
        self.stdout.write(self.style.ERROR(text))

    def aside(self, text: str) -> None:
        """A line for people that is no part of the answer."""
        self.stderr.write(text, str)

    def give(self, value: object, *, lines: bool = False) -> None:
        """JSON for scripts: one document, or with ``lines`` one of several, a line each."""
        self.stdout.write(json.dumps(value, indent=None if lines else 2, ensure_ascii=False, default=str))
        self.stdout.flush()

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns, the first row being their heads."""
        terminal.table(self, rows)

    def mend(self, mend: Mend) -> None:
        """The page to open and what to click there."""
        for line in self.clicks(mend):
            self.say(line)

    def clicks(self, mend: Mend) -> list[str]:
        """The same as lines."""
        page = [f"          Open {mend.page_name}: {mend.page}"] if mend.page else []
        return [*page, *(f"          {number}. {click}" for number, click in enumerate(mend.clicks, 1))]

    def ask(self, question: str, default: str = "") -> str:
        """An answer from the terminal or a pipe; the default for an empty one. Raises ``CommandError`` at its end."""
        shown = self.stderr if self.for_scripts else self.stdout
        shown.write(f"{question}{f' [{default}]' if default else ''}: ", None, "")
        shown.flush()
        line = sys.stdin.readline()
        if not line:
            raise CommandError("There is nobody to answer.", returncode=USAGE)
        return line.strip() or default

    def ask_secret(self, question: str) -> str:
        """The same without an echo."""
        if sys.stdin.isatty():
            return getpass.getpass(f"{question} (not shown): ").strip()
        return self.ask(question)


def exit_code(error: IntegrationError) -> int:
    """What an error is to a shell."""
    if isinstance(error, ReconnectRequired | Unauthorized | ScopeMissing):
        return RECONNECT
    if isinstance(error, MisconfiguredApp) and error.code == "not_configured":
        return NOT_CONFIGURED
    return FAILED


def add_user(parser: ArgumentParser) -> None:
    """Whose accounts are meant."""
    parser.add_argument("--user", metavar="EMAIL", help="whose accounts (may be left out where there is one person)")


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")


def add_provider(parser: ArgumentParser, *, required: bool = True) -> None:
    names = [spec.id for spec in registry]
    parser.add_argument("--provider", choices=names, required=required, help="this provider, and no other")


def layer_of(options: dict[str, Any]) -> IntegrationLayer:
    """The layer of the person that ``--user`` names."""
    return get_integration_layer(options["user"])
