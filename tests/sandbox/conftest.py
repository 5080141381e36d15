"""A sandbox for each test: the real app on a real port, with a home of its own. Nothing else of the project runs."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import uvicorn

from sandbox.app import create_app
from sandbox.store import Store
from sandbox.strict.book import judges
from tests import leash, strictness
from tests.sandbox import answers
from tests.sandbox.forms import only_form

CALLBACK = "http://localhost:8000/accounts/{}/login/callback/"
AUTHORIZE = {"google": "/google/o/oauth2/v2/auth", "microsoft": "/microsoft/common/oauth2/v2.0/authorize"}
TOKEN = {"google": "/google/token", "microsoft": "/microsoft/common/oauth2/v2.0/token"}
FULL = {
    "google": "openid email profile https://mail.google.com/ https://www.googleapis.com/auth/gmail.modify"
    " https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/contacts",
    "microsoft": "openid email profile offline_access User.Read Mail.ReadWrite Mail.Send Calendars.ReadWrite"
    " Contacts.ReadWrite MailboxSettings.ReadWrite",
}


def _checking(session: requests.Session) -> requests.Session:
    """A session whose answers are checked where no contract reaches."""
    session.hooks["response"].append(answers.check)
    return session


@dataclass
class Sandbox:
    """A running sandbox and what a test does with it from outside."""

    base: str
    http: requests.Session = field(default_factory=lambda: _checking(requests.Session()))
    store: Store | None = None  # only where it runs in this process

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.base + path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.http.post(self.base + path, **options)

    def seed(self, **world: list[dict[str, Any]]) -> None:
        answer = self.post("/_sandbox/seed", json=world)
        assert answer.status_code == 200, answer.text

    def drill(self, drill_name: str, /, **fields: Any) -> dict[str, Any]:
        answer = self.post(f"/_sandbox/drills/{drill_name}", json=fields)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def state(self, email: str) -> dict[str, Any]:
        accounts = self.get("/_sandbox/state").json()["accounts"]
        found: dict[str, Any] = next(one for one in accounts if one["email"] == email)
        return found

    def client(self, provider: str) -> dict[str, str]:
        return {"client_id": f"sandbox-{provider}", "client_secret": f"sandbox-{provider}-secret"}

    def ask(self, provider: str, **parameters: str) -> requests.Response:
        """An authorisation request, followed to the page that a person would see."""
        asked = {
            "client_id": f"sandbox-{provider}",
            "redirect_uri": CALLBACK.format(provider),
            "response_type": "code",
            "scope": FULL[provider],
            "state": "s-1",
        } | parameters
        return self.follow(self.get(AUTHORIZE[provider] + "?" + urlencode(asked), allow_redirects=False))

    def follow(self, answer: requests.Response) -> requests.Response:
        """Follow redirects within the sandbox and stop before one that leaves it."""
        while answer.is_redirect and answer.headers["location"].startswith(("/", self.base)):
            location = answer.headers["location"]
            url = location if location.startswith("http") else self.base + location
            answer = self.http.get(url, allow_redirects=False)
        return answer

    def decide(
        self, provider: str, email: str, decision: str = "allow", untick: Sequence[str] = (), **parameters: str
    ) -> dict[str, str]:
        """Ask, choose the account by ``login_hint``, decide; answers the parameters that reach the app."""
        answer = self.ask(provider, login_hint=email, **parameters)
        if not answer.is_redirect:
            action, fields = only_form(answer.text)
            kept = [(name, value) for name, value in fields if value not in untick]
            data = [*kept, ("decision", decision)]
            answer = self.follow(self.post(action, data=data, allow_redirects=False))
        assert answer.is_redirect, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def exchange(self, provider: str, code: str, **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK.format(provider),
            **self.client(provider),
        }
        return self.post(TOKEN[provider], data=form | changes)

    def refresh(self, provider: str, refresh_token: str, **changes: str) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.client(provider)}
        return self.post(TOKEN[provider], data=form | changes)

    def userinfo(self, access_token: str) -> requests.Response:
        return self.get("/google/v1/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def connect(self, provider: str, email: str, scope: str | None = None, **parameters: str) -> dict[str, Any]:
        """The whole journey of a connection; answers the body of the token answer."""
        if provider == "google":
            parameters = {"access_type": "offline", "prompt": "consent"} | parameters
        parameters["scope"] = scope or FULL[provider]
        arrived = self.decide(provider, email, "allow", (), **parameters)
        answer = self.exchange(provider, arrived["code"])
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def authorized(self, provider: str, email: str, scope: str | None = None) -> requests.Session:
        """A session that calls the APIs as this account."""
        session = _checking(requests.Session())
        session.headers["Authorization"] = f"Bearer {self.connect(provider, email, scope)['access_token']}"
        return session

    def register_callbacks(self) -> None:
        for provider in ("google", "microsoft"):
            body = {"provider": provider, **self.client(provider), "redirect_uris": [CALLBACK.format(provider)]}
            assert self.post("/_sandbox/clients", json=body).status_code == 200


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(base: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            requests.get(base + "/_sandbox/state", timeout=5)
            return
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An empty sandbox in a thread of this process; seed it with ``sandbox.seed``."""
    store = Store(tmp_path / "sandbox.sqlite3")
    port = free_port()
    app = create_app(store, judges(strictness.CONTRACT if strictness.CONTRACT.exists() else None))
    server = uvicorn.Server(
        uvicorn.Config(app, "127.0.0.1", port, log_level="warning", access_log=False, date_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    running = Sandbox(f"http://127.0.0.1:{port}", store=store)
    wait_until_up(running.base)
    running.register_callbacks()
    yield running
    running.http.close()
    server.should_exit = True
    thread.join(10)
    store.db.close()
    # Tests here ask for what is wrong on purpose; what breaks a contract must have been refused.
    assert [entry for entry in app.state.violations.entries if not entry["refused"]] == []


@dataclass
class Processes:
    """Sandboxes as processes of their own, for what only a kill or a restart shows."""

    home: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str) -> Sandbox:
        port = free_port()
        command = [*leash.command("sandbox"), "--port", str(port), "--home", str(self.home), *arguments]
        self.running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        started = Sandbox(f"http://127.0.0.1:{port}")
        wait_until_up(started.base)
        return started

    def kill(self) -> None:
        """kill -9 of the last one."""
        self.running[-1].kill()
        self.running[-1].wait(10)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Starts sandboxes on one home; none is left behind."""
    all_of_them = Processes(tmp_path / "home")
    yield all_of_them
    for process in all_of_them.running:
        process.kill()
        process.wait(10)
        if process.stdout:
            process.stdout.close()
