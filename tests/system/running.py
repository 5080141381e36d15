"""OsMEN as its users have it: the launcher's processes in a home of their own, and people who come over HTTP.

What a person sees in a browser is tried in ``test_journey``; a visitor here reads the same pages without one.
"""

from __future__ import annotations

import http.client
import json
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from integrations.errors import TemporaryFailure
from tests import leaks, strictness
from tests.launcher.running import Up, wait_for
from tests.providers.sandbox_process import Sandbox

PASSWORD = "correct horse battery"
GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
ACCOUNTS = (("google", GOOGLE), ("microsoft", MICROSOFT))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class System(Up):
    """An ``up`` that is ready, with its sandbox."""

    def __init__(
        self, home: Path, *flags: str, extra: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        super().__init__(home, *flags, port=port, extra=extra)
        self.extra = dict(extra or {})
        self.address = f"http://localhost:{self.port}"
        self.sandbox = Sandbox(f"http://127.0.0.1:{self.port + 1}", self.address)

    def __enter__(self) -> System:
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def stop(self, number: int = signal.SIGTERM, seconds: float = 15) -> int:
        """Send a signal, having read what its sandbox gave out and holds against our requests; then hear the home."""
        with suppress(TemporaryFailure):  # a sandbox that was killed
            leaks.remember(self.sandbox.tokens())
        strictness.leave(self.sandbox.base)
        code = super().stop(number, seconds)
        leaks.hear_home(self.home)
        return code

    def at_provider(self) -> dict[str, tuple[int, int]]:
        """How many messages and events each account holds at its provider."""
        return {a["email"]: (a["messages"], a["events"]) for a in self.sandbox.state()}


class Visitor:
    """A person's session: cookies, forms and one connection that is kept open. For one thread only."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._cookies: dict[str, str] = {}
        self._wire = http.client.HTTPConnection("localhost", system.port, timeout=60)

    def signs_up(self, email: str) -> None:
        self.get("/accounts/signup/")
        answer = self.post("/accounts/signup/", email=email, password1=PASSWORD)
        assert answer.status == 302, answer.text

    def signs_in(self, email: str) -> None:
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", login=email, password=PASSWORD)
        assert answer.status == 302, answer.text

    def companion(self) -> Visitor:
        """The same session over another connection, for another thread."""
        other = Visitor(self.system)
        other._cookies = dict(self._cookies)
        return other

    def reopens(self) -> None:
        """Come back after OsMEN was away."""
        self._wire.close()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        token = next(value for name, value in self._cookies.items() if name.endswith("_csrf"))
        return self._ask("POST", path, urlencode(fields | {"csrfmiddlewaretoken": token}))

    def connects(self, provider: str, account: str) -> None:
        """The whole way to the provider and back."""
        there = self.post(f"/accounts/{provider}/login/?process=connect")
        assert there.status == 302, there.text
        back = urlsplit(self.system.sandbox.walk(there.headers["Location"], account))
        answer = self.get(f"{back.path}?{back.query}")
        assert answer.status == 302, answer.text

    def connections(self) -> list[dict[str, Any]]:
        """What ``/api/status/`` says."""
        found: list[dict[str, Any]] = json.loads(self.get("/api/status/").body)["connections"]
        return found

    def here(self) -> dict[str, tuple[int, int]]:
        """How many messages and events of each account are in OsMEN."""
        return {c["account"]: (c["messages"], c["events"]) for c in self.connections()}

    def has_all(self) -> bool:
        """Whether every service is up to date and each account has here what it has at its provider."""
        connections = self.connections()
        there = self.system.at_provider()
        return all(
            there[c["account"]] == (c["messages"], c["events"])
            and {s["state"] for s in c["services"]} <= {"current", "syncing"}
            for c in connections
        )

    def waits_for_all(self, seconds: float) -> None:
        """Wait until ``has_all``; fails with what is missing and why."""
        try:
            wait_for(self.has_all, seconds, step=0.5)
        except AssertionError:
            errors = {c["account"]: [(s["state"], s["error"]) for s in c["services"]] for c in self.connections()}
            raise AssertionError(f"here {self.here()}, there {self.system.at_provider()}: {errors}") from None

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Referer": self.system.address,
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._wire.request(method, path, body, headers)
        response = self._wire.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        leaks.hear(f"the answer to {path}", f"{answer.headers}{answer.body.decode(errors='replace')}")
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer
