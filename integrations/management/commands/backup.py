"""``manage.py backup``: a copy of the database from which OsMEN can be put back, with the ledger's heads beside it.

It may run while everything else does. The key ring is not in it: kept together they would open every account. What is
under ``files/`` is not either: it is fetched again. Exit codes: 0 ok, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from integrations.vault import keyring, ledger_export, rotation, usage

SQLITE_FILE, POSTGRES_FILE, HEADS_FILE, ABOUT_FILE = "db.sqlite3", "database.dump", "ledger-heads.json", "backup.json"


class Command(BaseCommand):
    help = "Copy the database and the ledger's heads into a new folder, while OsMEN runs. Without the key ring."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the backup's own folder is made")
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        within: Path = options["folder"]
        name = f"osmen-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        try:
            within.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=within))
        except OSError as error:
            raise CommandError(f"{within} cannot be written: {error.strerror}.", returncode=2) from error
        try:
            about = _write(draft)
            final = draft.rename(_free(within / name))
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"The backup failed: {error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        if options["json"]:
            self.stdout.write(json.dumps({"folder": str(final), **about}))
            return
        self.stdout.write(f"The backup is in {final}.")
        self.stdout.write(
            f"It needs {len(about['keys'])} of the key ring's keys, which is not in it: keep that elsewhere."
        )


def _write(folder: Path) -> dict[str, Any]:
    """Everything that belongs into a backup. The heads come first: the copy then holds at least what they name."""
    usage.flush()
    _private(folder / HEADS_FILE, ledger_export.heads())
    if connection.vendor == "sqlite":
        _copy_sqlite(folder / SQLITE_FILE)
    else:
        _dump_postgres(folder / POSTGRES_FILE)
    present = keyring.key_ids()
    about = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": connection.vendor,
        "keys": sorted(key for key in rotation.uses() if key in present),
    }
    _private(folder / ABOUT_FILE, [json.dumps(about, indent=1)])
    return about


def _copy_sqlite(target: Path) -> None:
    """By SQLite's own backup: one consistent state, whoever writes meanwhile."""
    _private(target)
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")
        damage = copy.execute("PRAGMA quick_check").fetchone()[0]
    if damage != "ok":
        raise CommandError(f"The copy of the database is damaged: {damage}")


def _dump_postgres(target: Path) -> None:
    if not shutil.which("pg_dump"):
        raise CommandError("pg_dump is not installed here. Run it where PostgreSQL's tools are (docs/self-hosting.md).")
    settings = connection.settings_dict
    given = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    # Not as arguments: those can be read by everybody on this machine.
    env = os.environ | {name: str(settings[key]) for key, name in given.items() if settings.get(key)}
    _private(target)
    with target.open("wb") as out:
        done = subprocess.run(
            ["pg_dump", "--format=custom"], env=env, stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        raise CommandError(f"pg_dump: {done.stderr.strip()[:500]}")


def _private(path: Path, lines: Iterable[str] = ()) -> None:
    """A file for its owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)


def _free(path: Path) -> Path:
    """That name, or with a number where there is one of this second already."""
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found
