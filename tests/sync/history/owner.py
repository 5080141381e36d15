"""The owner of an account at a provider: another app of theirs, with a token of its own, that changes things there."""

from __future__ import annotations

from typing import Any

from integrations.providers.http import Request, Response, send
from tests.providers.sandbox_process import Sandbox

# What can happen at a provider.
THERE = (
    "mail arrives",
    "mail is labelled",
    "mail is trashed",
    "mail comes back",
    "mail is deleted",
    "a folder is made",
    "a folder goes",
    "an event is made",
    "an event is edited",
    "an event moves",
    "an event is deleted",
    "an event comes back",
    "an instance is edited",
    "an instance is deleted",
    "a series is edited",
    "a person is added",
    "a person is edited",
    "a person goes",
)


class Owner:
    """Calls an account's API as its owner does, and reads what is there."""

    provider = ""
    extra_scopes: tuple[str, ...] = ()

    def __init__(self, sandbox: Sandbox, email: str) -> None:
        self.sandbox, self.email = sandbox, email
        self._token = ""

    def call(self, method: str, path: str, payload: object = None, **params: str) -> Any:
        """An answer's JSON; empty where the item is gone or may not be changed so, which a history does not mind."""
        answer = self._send(method, path, payload, params)
        if answer.status == 401:
            self._token = ""
            answer = self._send(method, path, payload, params)
        assert answer.ok or answer.status in (400, 403, 404, 409, 410, 412), f"{method} {path}: {answer.text}"
        return answer.json() if answer.ok and answer.body else {}

    def _send(self, method: str, path: str, payload: object, params: dict[str, str]) -> Response:
        if not self._token:
            given = self.sandbox.connect(self.provider, self.email, extra_scopes=self.extra_scopes)
            self._token = str(given.answer["access_token"])
        headers = {"Authorization": f"Bearer {self._token}", "Prefer": 'IdType="ImmutableId", outlook.timezone="UTC"'}
        url = f"{self.sandbox.base}{path}"
        if payload is None:
            return send(Request(method, url, headers=headers, params=params))
        return send(Request.with_json(method, url, payload, headers, params))


def pick(items: list[Any], number: int) -> Any:
    """One of ``items``; None of none."""
    return items[number % len(items)] if items else None
