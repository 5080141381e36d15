"""The text of a token is nowhere in a home: not in the database, a log, the queue, a session or a dump of it all."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from tests.launcher.running import osmen, wait_for
from tests.system.running import ACCOUNTS, GOOGLE, System, Visitor

SECRETS_IN_ADDRESSES = re.compile(rb"[?&](code|state|id_token|access_token)=[^&\s\"*]")
SESSIONS = """
from django.contrib.sessions.models import Session
print([session.get_decoded() for session in Session.objects.all()])
"""


def spellings(value: str) -> Iterator[bytes]:
    """How a text may be written: as it is, in an address, in hexadecimal, in base64 wherever it begins."""
    plain = value.encode()
    yield plain
    yield quote(value, safe="").encode()
    yield plain.hex().encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            # The first and last characters also depend on what stands beside the text.
            yield encode(b"\0" * offset + plain)[4 if offset else 0 : -4]


def files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a home but the sandbox's own."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if name.parts[0] == "sandbox" or not path.is_file():
            continue
        try:
            yield str(name), path.read_bytes()
        except FileNotFoundError:  # a message that was in the queue a moment ago
            continue


def command(system: System, *arguments: str | Path) -> bytes:
    answer = osmen(*arguments, "--home", system.home, extra=system.extra)
    assert answer.returncode == 0, answer.stderr
    return (answer.stdout + answer.stderr).encode()


def redis_of(system: System) -> Iterator[tuple[str, bytes]]:
    """What Redis holds, where there is one."""
    if url := system.extra.get("REDIS_URL"):
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter():
                yield f"redis {key!r}", bytes(client.dump(key) or b"")


@pytest.fixture(scope="module")
def lived(system: System) -> System:
    """An OsMEN that has connected, renewed, reconnected, been refused and disconnected."""
    ada = Visitor(system)
    ada.signs_up("ada@example.org")
    for provider, account in ACCOUNTS:
        ada.connects(provider, account)
    ada.waits_for_all(30)
    before = len(system.sandbox.tokens())
    system.sandbox.drill("expire-access-tokens")
    for connection in ada.connections():
        ada.post(f"/integrations/{connection['id']}/sync/")
    wait_for(lambda: len(system.sandbox.tokens()) >= before + 2, 20)
    ada.waits_for_all(30)
    forged = ada.get("/accounts/google/login/callback/?code=made-up&state=made-up")
    assert forged.status == 400
    for provider, account in ACCOUNTS:
        ada.connects(provider, account)
    google = next(c for c in ada.connections() if c["account"] == GOOGLE)
    ada.post(f"/integrations/{google['id']}/disconnect/")
    wait_for(lambda: len(ada.connections()) == 1, 20)
    return system


@pytest.fixture(scope="module")
def one_time_secrets(lived: System) -> list[str]:
    """An invitation's code and the key of a forgotten password, each opened more often than it works."""
    ada, nobody = Visitor(lived), Visitor(lived)
    ada.signs_in("ada@example.org")
    invited = re.search(r"/invitation/([\w-]{20,})/", ada.post("/settings/invitations/", email="bo@example.org").text)
    nobody.get("/accounts/password/reset/")
    assert nobody.post("/accounts/password/reset/", email="ada@example.org").status == 302
    letters = [path.read_text() for path in (lived.home / "mail").iterdir()]
    forgotten = re.search(r"/password/reset/key/([\w-]+)/", "".join(letters))
    assert invited and forgotten
    for link in (f"/invitation/{invited[1]}/", f"/invitation/{invited[1]}x/"):
        assert nobody.get(link).status in (302, 410)
    for link in (f"/accounts/password/reset/key/{forgotten[1]}/", f"/accounts/password/reset/key/{forgotten[1]}/x/"):
        nobody.get(link)
    return [invited[1], forgotten[1]]


def test_no_file_dump_or_session_holds_a_token(lived: System, tmp_path: Path) -> None:
    issued = lived.sandbox.tokens()
    assert {t["kind"] for t in issued} == {"access", "refresh", "id", "code"} and len(issued) >= 12
    script = tmp_path / "sessions.py"
    script.write_text(SESSIONS)
    held = {
        "dumpdata": command(lived, "dumpdata"),
        "sessions": command(lived, "run", script),
        **dict(redis_of(lived)),
        **dict(files(lived.home)),
    }
    assert json.loads(held["dumpdata"])
    assert b"ada@example.org" in held["dumpdata"] and b"_auth_user_id" in held["sessions"]
    for token in issued:
        written = set(spellings(token["value"]))
        found = [name for name, content in held.items() if any(text in content for text in written)]
        assert not found, f"a {token['kind']} token of {token['account']}"


def test_no_log_holds_the_parameters_of_a_callback(lived: System) -> None:
    logs = {name: content for name, content in files(lived.home) if name.startswith("logs")}
    assert b"/login/callback/" in logs["logs/web.log"]
    for name, content in logs.items():
        assert not SECRETS_IN_ADDRESSES.findall(content), name


def test_no_log_holds_what_a_one_time_link_is_opened_with(lived: System, one_time_secrets: list[str]) -> None:
    logs = {name: content for name, content in files(lived.home) if name.startswith("logs")}
    assert b"/invitation/***" in logs["logs/web.log"] and b"/password/reset/key/***" in logs["logs/web.log"]
    for name, content in logs.items():
        assert not [secret for secret in one_time_secrets if secret.encode() in content], name
