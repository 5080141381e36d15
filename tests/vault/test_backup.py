"""Backups: made while others write, private, without a token or the key ring, and good for starting anew."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import connections
from psycopg.sql import SQL, Identifier

from integrations.models import Connection
from integrations.models.ledger import Happening
from integrations.vault import keyring, ledger
from tests.journey.person import Person
from tests.vault.processes import ROOT, environment

GOOGLE = "ada.moreau@gmail.example"


def backed_up(within: Path) -> Path:
    said = io.StringIO()
    call_command("backup", str(within), "--json", stdout=said)
    return Path(json.loads(said.getvalue())["folder"])


@contextmanager
def others_write(connection: Connection) -> Iterator[None]:
    """The ledger grows meanwhile."""
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            ledger.record(connection, Happening.REFRESHED, fingerprint="0123456789abcdef")
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty home and the environment of an OsMEN in it, with a database of its own where this run has a server."""
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    env = environment() | {"OSMEN_HOME": str(home), "OSMEN_KEYSET": settings.OSMEN_KEYSET}
    if database.vendor == "sqlite":
        yield home, env | {"DATABASE_URL": f"sqlite:///{home}/db.sqlite3"}
        return
    address, name = env["DATABASE_URL"], f"osmen_restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield home, env | {"DATABASE_URL": urlsplit(address)._replace(path=f"/{name}").geturl()}
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def put_back(folder: Path, home: Path, env: dict[str, str]) -> None:
    if database.vendor == "sqlite":
        shutil.copy(folder / "db.sqlite3", home / "db.sqlite3")
    else:
        command = ["pg_restore", "--no-owner", "--dbname", env["DATABASE_URL"], str(folder / "database.dump")]
        subprocess.run(command, check=True, timeout=120)


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_a_backup_made_while_others_write_starts_anew_and_its_ledger_holds(
    ada: Person, tmp_path: Path, restored: tuple[Path, dict[str, str]]
) -> None:
    connection = ada.connected("google", GOOGLE)
    with others_write(connection):
        folder = backed_up(tmp_path / "backups")
    home, env = restored
    put_back(folder, home, env)
    if not settings.OSMEN_KEYSET:
        shutil.copy(settings.OSMEN_KEYSET_FILE or settings.OSMEN_KEYSET_PATH, home / "keys" / "keyset.json")
    verified = manage(env, "ledger", "verify", "--heads", str(folder / "ledger-heads.json"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(manage(env, "keys", "list", "--json").stdout)[0]["id"] == keyring.primary_key_id()
    # An older one that is put back in its place shows.
    ledger.record(connection, Happening.PAUSED)
    newer = backed_up(tmp_path / "backups")
    older = manage(env, "ledger", "verify", "--heads", str(newer / "ledger-heads.json"))
    assert older.returncode == 1 and "an older ledger was put back" in older.stdout


def test_a_backup_is_for_its_owner_alone_and_holds_no_token_and_no_key(ada: Person, tmp_path: Path) -> None:
    ada.connected("google", GOOGLE)
    first, second = backed_up(tmp_path / "backups"), backed_up(tmp_path / "backups")
    assert first != second and not [path for path in (tmp_path / "backups").iterdir() if path.name.startswith(".")]
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    copy = next(path for path in first.iterdir() if path.name in ("db.sqlite3", "database.dump"))
    if copy.suffix == ".dump":
        text = subprocess.run(["pg_restore", "--file=-", str(copy)], check=True, capture_output=True).stdout
    else:
        text = b"\n".join(line.encode() for line in sqlite3.connect(copy).iterdump())
    assert GOOGLE.encode() in text
    for path in first.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        text += path.read_bytes()
    assert not [t["kind"] for t in ada.sandbox.tokens() if t["value"].encode() in text]
    assert keyring.keyset().text().encode() not in text
    assert json.loads((first / "backup.json").read_text())["keys"] == [keyring.primary_key_id()]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, db: None) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        backed_up(tmp_path / "file" / "backups")
