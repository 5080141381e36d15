"""The provider of docs/adding-a-provider.md is whole: it connects, syncs, edits and ends like the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from accounts.models import User
from integrations import get_integration_layer
from integrations.connect import headless
from integrations.errors import PermanentFailure
from integrations.layer import IntegrationLayer
from integrations.models import Connection, OAuthApp
from integrations.models.connection import State
from integrations.providers.base import registry
from integrations.records import Service
from integrations.vault.fields import Plain
from tests.journey import engine

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Almanac(ThreadingHTTPServer):
    """The invented service itself: events, numbered changes, and one person who allows everything."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.changes: list[tuple[str, dict[str, str] | None]] = []
        self.oldest, self.granted, self.tokens, self.nonce = 0, True, 0, ""
        Thread(target=self.serve_forever, daemon=True).start()

    def identity(self) -> str:
        ends = datetime.now(UTC) + timedelta(minutes=5)
        who = {"sub": "7", "email": "ada@almanac.example", "nonce": self.nonce}
        claims = {"iss": "https://almanac.example", "aud": "osmen", "exp": ends, **who}
        return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})

    def puts(self, id_: str, title: str, hours: float = 0) -> dict[str, str]:
        start = TOMORROW + timedelta(hours=hours)
        event = {"id": id_, "title": title, "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        self.changes.append((id_, event))
        return event


class _Handler(BaseHTTPRequestHandler):
    server: Almanac

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/oauth/keys":
            public = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            return self._say(200, {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]})
        if self.headers["Authorization"] != f"Bearer access-{self.server.tokens}":
            return self._say(401, {})
        after = int(parse_qs(parts.query)["after"][0])
        if after and after < self.server.oldest:
            return self._say(410, {})
        latest = dict(self.server.changes[after : after + 2])
        last = min(after + 2, len(self.server.changes))
        listed = {
            "events": [event for event in latest.values() if event],
            "removed": [id_ for id_, event in latest.items() if not event],
            "last": last,
            "more": last < len(self.server.changes),
        }
        return self._say(200, listed)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/api/events":
            given = json.loads(body)
            event = {"id": f"made-{given['key'][:8]}", **{name: given[name] for name in ("title", "start", "end")}}
            self.server.changes.append((event["id"], event))
            return self._say(201, event)
        if not self.server.granted:
            return self._say(400, {"error": "invalid_grant"})
        self.server.tokens += 1
        answer = {
            "access_token": f"access-{self.server.tokens}",
            "expires_in": 3600,
            "refresh_token": "lasting",
            "scope": "openid email offline events",
            "id_token": self.server.identity(),
        }
        return self._say(200, answer)

    def _say(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def almanac() -> Iterator[Almanac]:
    """The service, and the provider registered as a line in the settings would."""
    registry.load(("examples.almanac.provider",))
    running = Almanac()
    yield running
    running.shutdown()
    running.server_close()
    del registry._providers["almanac"]


@pytest.fixture
def layer(almanac: Almanac, transactional_db: None) -> IntegrationLayer:
    """Ada, connected by the code flow, and synced."""
    almanac.puts("a", "Breakfast")
    almanac.puts("b", "Walk", hours=2)
    almanac.puts("c", "Lunch", hours=4)
    base = f"http://127.0.0.1:{almanac.server_port}"
    addresses = {"authorize": "oauth/authorize", "token": "oauth/token", "jwks": "oauth/keys", "api": "api"}
    app = OAuthApp(provider="almanac", client_id="osmen", endpoints={n: f"{base}/{p}" for n, p in addresses.items()})
    app.client_secret = Plain("a secret of the app")
    app.save()
    ada = User.objects.create_user("ada@example.org")
    attempt = headless.begin(ada, app, frozenset({Service.CALENDAR}), "http://127.0.0.1/back")
    asked = parse_qs(urlsplit(attempt.address()).query)
    assert asked["scope"] == ["openid email offline events"]
    almanac.nonce = attempt.nonce
    headless.complete(ada, attempt, "the-code")
    engine.sync_everything()
    return get_integration_layer(ada)


def titles(layer: IntegrationLayer) -> list[str]:
    return [event.title for event in layer.events(TOMORROW - timedelta(hours=1), TOMORROW + timedelta(hours=12))]


def test_what_is_there_comes_here_and_changes_follow(almanac: Almanac, layer: IntegrationLayer) -> None:
    assert Connection.objects.get().email == "ada@almanac.example"
    assert titles(layer) == ["Breakfast", "Walk", "Lunch"]
    almanac.puts("b", "Long walk", hours=2)
    almanac.changes.append(("c", None))
    engine.sync_everything()
    assert titles(layer) == ["Breakfast", "Long walk"]


def test_an_answer_for_another_attempt_is_refused(almanac: Almanac, layer: IntegrationLayer) -> None:
    app, ada = OAuthApp.objects.get(provider="almanac"), User.objects.get()
    attempt = headless.begin(ada, app, frozenset({Service.CALENDAR}), "http://127.0.0.1/back")
    with pytest.raises(PermanentFailure, match="could not be verified"):
        headless.complete(ada, attempt, "the-code")


def test_a_lost_place_is_walked_again(almanac: Almanac, layer: IntegrationLayer) -> None:
    almanac.changes = [("a", almanac.puts("a", "Late breakfast", hours=1))]
    almanac.oldest = 99
    engine.sync_everything()
    engine.sync_everything()
    assert titles(layer) == ["Late breakfast"]


def test_an_edit_made_here_is_made_there_once(almanac: Almanac, layer: IntegrationLayer) -> None:
    event = {"title": "Tea", "start": TOMORROW + timedelta(hours=6), "end": TOMORROW + timedelta(hours=7)}
    layer.create_event(event)
    engine.push_all()
    engine.sync_everything()
    assert titles(layer) == ["Breakfast", "Walk", "Lunch", "Tea"]
    assert [event["title"] for _, event in almanac.changes if event].count("Tea") == 1


def test_a_grant_that_ended_asks_to_reconnect(almanac: Almanac, layer: IntegrationLayer) -> None:
    almanac.granted = False
    almanac.tokens = 99  # what was given out is refused from now on
    engine.sync_everything()
    connection = Connection.objects.get()
    assert connection.state == State.RECONNECT and connection.state_since <= timezone.now()
    assert connection.state_reason == "Almanac has ended OsMEN's access to this account."
