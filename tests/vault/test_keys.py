"""Rotating keys: the command's four verbs, online, resumable, refused where something would be lost."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.vault import keyring, keysource, rotation, tokens
from integrations.vault.fields import Plain, open_sealed
from integrations.vault.keyset import KeyringError, Keyset
from tests.journey import engine
from tests.journey.person import Person

ROOT = Path(__file__).resolve().parents[2]
GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"


@pytest.fixture
def ring(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A home's key ring of its own for this test."""
    path = tmp_path / "keyset.json"
    keyring.create(path)
    settings.OSMEN_KEYSET, settings.OSMEN_KEYSET_FILE, settings.OSMEN_KEYSET_PATH = "", "", path
    keyring.reload()
    yield path
    keyring.reload()


@pytest.fixture
def apps(ring: Path, db: None) -> list[OAuthApp]:
    return [
        OAuthApp.objects.create(provider="google", client_id=str(n), client_secret=Plain(f"secret {n}"), active=False)
        for n in range(7)
    ]


def keys(*words: str) -> str:
    said = io.StringIO()
    call_command("keys", *words, stdout=said, stderr=said)
    return said.getvalue()


def listed() -> dict[int, dict[str, object]]:
    return {key["id"]: key for key in json.loads(keys("list", "--json"))}


def test_a_key_is_added_promoted_and_the_old_one_retired(apps: list[OAuthApp], ring: Path) -> None:
    old = keyring.primary_key_id()
    keys("add")
    assert keyring.primary_key_id() == old and len(keyring.key_ids()) == 2
    assert ring.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="still need"):
        keys("rotate", "--only-promote")
        keys("retire", str(old))
    new = keyring.primary_key_id()
    assert new != old and {key: found["values"] for key, found in listed().items()} == {old: 7, new: 0}
    keys("rotate")
    assert listed()[old]["values"] == 0
    keys("retire", str(old))
    assert keyring.key_ids() == {new}
    for number, app in enumerate(apps):
        assert open_sealed(OAuthApp.objects.get(pk=app.pk), "client_secret") == f"secret {number}"


def told(*words: str) -> dict[str, object]:
    """What a script reads."""
    said = io.StringIO()
    call_command("keys", *words, "--json", stdout=said, stderr=io.StringIO())
    answer: dict[str, object] = json.loads(said.getvalue())
    return answer


def test_every_verb_tells_a_script(apps: list[OAuthApp], ring: Path, settings: Settings) -> None:
    old = keyring.primary_key_id()
    added = told("add")
    new = added["key"]
    assert added == {"key": new, "in_place": True, "ring": None} and new != old
    assert told("rotate") == {"key": new, "in_place": True, "ring": None, "encrypted": 7, "unreadable": 0}
    assert told("rotate")["encrypted"] == 0
    assert told("retire", str(old)) == {"key": old, "in_place": True, "ring": None}
    settings.OSMEN_KEYSET_FILE = str(ring)
    given = told("add")
    assert not given["in_place"] and given["key"] in Keyset.read(str(given["ring"])).ids
    assert given["key"] not in keyring.key_ids()


def test_a_rotation_is_told_line_by_line_in_a_pipe(apps: list[OAuthApp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 5)
    keys("add")
    said = keys("rotate")
    assert "5 of 7 values" in said and "7 of 7 values" in said and "\x1b" not in said


def test_a_rotation_is_a_bar_on_a_terminal(apps: list[OAuthApp]) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    keys("add")
    said, beside = io.StringIO(), Terminal()
    call_command("keys", "rotate", stdout=said, stderr=beside)
    assert "7/7" in beside.getvalue() and "of 7 values" not in said.getvalue()


def test_the_key_in_use_is_not_retired(apps: list[OAuthApp]) -> None:
    with pytest.raises(CommandError, match="in use"):
        keys("retire", str(keyring.primary_key_id()))
    with pytest.raises(CommandError, match="not in the ring"):
        keys("retire", "1")


def test_a_rotation_that_was_broken_off_goes_on(apps: list[OAuthApp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    keys("add")
    keys("rotate", "--only-promote")

    class Killed(Exception):
        pass

    def kill(progress: rotation.Progress) -> None:
        if progress.done == 4:
            raise Killed

    with pytest.raises(Killed):
        rotation.run(kill)
    assert rotation.remaining() == 3
    assert rotation.run().done == 3 and rotation.remaining() == 0


def test_what_cannot_be_read_is_left_and_said(apps: list[OAuthApp], ring: Path) -> None:
    lost = keyring.keyset()
    keysource.write(Keyset.new())
    OAuthApp.objects.create(provider="microsoft", client_id="m", client_secret=Plain("readable"))
    with pytest.raises(CommandError, match="7 values need a key"):
        keys("list")
    keys("add")
    with pytest.raises(CommandError, match="7 values need a key"):
        keys("rotate")
    assert listed_missing(lost) == 7


def listed_missing(lost: Keyset) -> int:
    return rotation.uses()[lost.primary].total()


def test_a_ring_that_the_operator_gave_is_printed_and_never_edited(
    apps: list[OAuthApp], ring: Path, settings: Settings, tmp_path: Path
) -> None:
    given = tmp_path / "given.json"
    shutil.copy(ring, given)
    settings.OSMEN_KEYSET_FILE = str(given)
    before, out, beside = given.read_bytes(), io.StringIO(), io.StringIO()
    call_command("keys", "add", stdout=out, stderr=beside)
    assert given.read_bytes() == before and "secret" in beside.getvalue()
    added = Keyset.read(out.getvalue())
    assert len(added.ids) == 2
    # Put in place, it is taken over by a process that runs already.
    given.write_text(out.getvalue())
    assert keyring.key_ids() == set(added.ids)
    out = io.StringIO()
    call_command("keys", "rotate", stdout=out, stderr=io.StringIO())
    assert Keyset.read(given.read_text()) == added and rotation.remaining() == 0
    given.write_text(out.getvalue())
    call_command("keys", "rotate", stdout=io.StringIO(), stderr=io.StringIO())
    assert {key: found["values"] for key, found in listed().items()} == {added.ids[0]: 0, added.ids[1]: 7}


def test_a_slip_in_the_file_does_not_lock_a_running_process_out(apps: list[OAuthApp], ring: Path) -> None:
    ring.write_text("not a keyset")
    assert open_sealed(OAuthApp.objects.get(pk=apps[0].pk), "client_secret") == "secret 0"
    ring.unlink()
    assert open_sealed(OAuthApp.objects.get(pk=apps[0].pk), "client_secret") == "secret 0"
    keyring.reload()
    with pytest.raises(KeyringError, match="cannot be read"):
        keyring.check()


OPENSSL = "openssl enc -d -aes-256-cbc -pbkdf2 -pass file:{password}"


def test_a_wrapped_ring_is_unwrapped_by_openssl(ring: Path, settings: Settings, tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    password, wrapped = tmp_path / "password", tmp_path / "keyset.wrapped"
    password.write_text("correct horse\n")
    wrap = f"openssl enc -aes-256-cbc -pbkdf2 -pass file:{password} -in {ring} -out {wrapped}"
    subprocess.run(wrap.split(), check=True)
    expected = keyring.key_ids()
    settings.OSMEN_KEYSET_FILE, settings.OSMEN_KEYSET_COMMAND = str(wrapped), OPENSSL.format(password=password)
    keyring.reload()
    assert keyring.key_ids() == expected
    password.write_text("wrong\n")
    keyring.reload()
    with pytest.raises(KeyringError, match="OSMEN_KEYSET_COMMAND ended with"):
        keyring.check()


def test_a_wrapped_ring_is_unwrapped_by_age(ring: Path, settings: Settings, tmp_path: Path) -> None:
    if not shutil.which("age"):
        pytest.skip("age is not installed")
    identity, wrapped = tmp_path / "identity.txt", tmp_path / "keyset.age"
    made = subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True, text=True)
    recipient = made.stderr.split()[-1]
    subprocess.run(["age", "--encrypt", "--armor", "-r", recipient, "-o", wrapped, ring], check=True)
    expected = keyring.key_ids()
    settings.OSMEN_KEYSET_FILE = str(wrapped)
    settings.OSMEN_KEYSET_COMMAND = f"age --decrypt --identity {identity}"
    keyring.reload()
    assert keyring.key_ids() == expected
    settings.OSMEN_KEYSET_COMMAND = ""
    keyring.reload()
    with pytest.raises(KeyringError, match="If it is wrapped, OSMEN_KEYSET_COMMAND"):
        keyring.check()


def test_the_command_tells_a_shell_how_it_went(tmp_path: Path) -> None:
    env = os.environ | {"OSMEN_HOME": str(tmp_path)}
    env.pop("DATABASE_URL", None)

    def run(*words: str) -> int:
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
        ).returncode

    assert run("prepare") == 0
    assert [run("keys", "list"), run("keys", "retire", "1"), run("keys", "burn")] == [0, 2, 2]
    assert [run("ledger", "verify"), run("ledger", "show", "--since", "soon")] == [0, 2]


def test_lost_keys_are_said_on_the_connection_and_pages_stand(ring: Path, ada: Person) -> None:

    connection = ada.connected("google", GOOGLE)
    mine = keyring.keyset()
    keysource.write(Keyset.new())
    with pytest.raises(Exception, match="present keys"):
        tokens.access_token(connection, purpose=tokens.Purpose.SYNC)
    connection.refresh_from_db()
    assert connection.state == "unreadable"
    for page in ("/", "/integrations/", "/inbox/", "/api/status/", "/admin/", "/accounts/password/change/"):
        assert ada.browser.get(page, follow=True).status_code == 200, page
    ada.browser.logout()
    assert ada.browser.get("/accounts/login/").status_code == 200
    ada.browser.force_login(ada.user, "allauth.account.auth_backends.AuthenticationBackend")
    answer = ada.connects("google", GOOGLE, reconnect=str(connection.pk))
    assert answer.status_code == 400 and "cannot be read with the present keys" in answer.content.decode()
    keysource.write(mine)
    tokens.access_token(connection, purpose=tokens.Purpose.SYNC)
    connection.refresh_from_db()
    assert connection.state == "active"
    assert LedgerEntry.objects.filter(what__in=("unreadable", "readable")).count() == 2
    engine.sync_everything()


def test_rotating_leaves_connections_working_and_is_in_their_story(ring: Path, ada: Person) -> None:
    made = [ada.connected("google", GOOGLE), ada.connected("microsoft", MICROSOFT)]
    before = [tokens.access_token(connection, purpose=tokens.Purpose.SYNC) for connection in made]
    keys("add")
    keys("rotate")
    assert [tokens.access_token(connection, purpose=tokens.Purpose.SYNC) for connection in made] == before
    assert set(Grant.objects.values_list("refresh_token_key", flat=True)) == {keyring.primary_key_id()}
    assert LedgerEntry.objects.filter(what="reencrypted").count() == 2
    assert Connection.objects.filter(state="active").count() == 2
