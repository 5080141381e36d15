"""``manage.py prepare``: make a home ready to run, before the first process starts. Safe to repeat.

Keys where there are none, tables, the cache table, and OAuth apps for the sandbox if it is in use.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from accounts import invitations
from accounts.models import User
from integrations.connect import sandbox_apps
from integrations.models import OAuthApp
from integrations.vault import keyring


class Command(BaseCommand):
    help = "Make this home ready to run: keys, tables, and the sandbox's OAuth apps."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what is there as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._keys()
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            keyring.check()
        except DatabaseError as error:
            raise CommandError(self._database_trouble(error)) from error
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from error
        if settings.OSMEN_SANDBOX_URL:
            sandbox_apps.ensure(settings.OSMEN_SANDBOX_URL)
        else:
            sandbox_apps.retire()
        first_run = not User.objects.exists()
        found = {
            "first_run": first_run,
            "sandbox_idle": sandbox_apps.idle(),
            "admin_link": self._admin_link() if first_run and settings.OSMEN_SIGNUP != "open" else "",
        }
        if options["json"]:
            self.stdout.write(json.dumps(found))
        elif found["admin_link"]:
            self.stdout.write(f"Create the administrator's account here, once: {found['admin_link']}")

    def _keys(self) -> None:
        """On a laptop keys are made when they are missing, never when the database already has encrypted rows."""
        if settings.PRODUCTION:
            return
        if not keyring.exists():
            if self._has_secrets():
                raise CommandError(
                    f"The key ring {settings.OSMEN_KEYSET_PATH} is missing, but the database holds values that only it "
                    "can read. Restore the file from a backup; nothing was changed."
                )
            keyring.create(Path(settings.OSMEN_KEYSET_PATH))

    def _has_secrets(self) -> bool:
        tables = connection.introspection.table_names()
        return OAuthApp._meta.db_table in tables and OAuthApp.objects.filter(client_secret__isnull=False).exists()

    def _admin_link(self) -> str:
        return f"{settings.OSMEN_PUBLIC_URL}/invitation/{invitations.create(makes_admin=True)}/"

    def _database_trouble(self, error: DatabaseError) -> str:
        if "not a database" in str(error) or "malformed" in str(error):
            return f"The database {settings.DATABASES['default']['NAME']} is damaged: restore it from a backup."
        return f"The database cannot be used: {error}"
