"""A scripted Microsoft Graph: answers by path, and holds every request to what all of them must have."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from integrations.providers.base import Session
from tests.providers import graph_contract
from tests.providers.wire import Asked, Said, Wire, said_json

ROOT = "/v1.0"


@dataclass
class GraphWire:
    """Answers by path below the root. A link's answer is scripted by its whole target."""

    wire: Wire
    answers: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire.answer = self._answer

    @property
    def session(self) -> Session:
        def access_token(refused: str | None = None) -> str:
            return "second-token" if refused else "first-token"

        return Session(access_token, {"graph": self.wire.base + ROOT}, "ada@example.com")

    def says(self, path: str, value: object, status: int = 200, **headers: str) -> None:
        self.answers[path] = said_json(value, status, **headers)

    def link(self, name: str) -> str:
        """A link as Graph would hand it out: on its own host, with a token that is nobody's business."""
        return f"{self.wire.base}{ROOT}/links/{name}?$deltatoken=a+b%2Fc"

    def says_at(self, name: str, value: object, status: int = 200, **headers: str) -> None:
        """The answer at a link."""
        self.says(f"/links/{name}", value, status, **headers)

    def asked(self, path: str) -> list[Asked]:
        """The requests for a path, those inside batches included."""
        return [a for a in self._every() if unquote(a.path) == ROOT + path]

    def check(self) -> None:
        """Every request must name immutable ids and carry a token, and the contract must allow it."""
        for asked in self.wire.asked:
            assert asked.headers["authorization"].startswith("Bearer ")
            assert asked.headers["client-request-id"]
        for asked in self._every():
            assert 'IdType="ImmutableId"' in asked.headers["prefer"]
        if graph_contract.available():
            own = [a for a in self.wire.asked if not urlsplit(a.target).path.startswith(f"{ROOT}/links/")]
            assert [text for asked in own for text in graph_contract.complaints(asked)] == []

    def _every(self) -> list[Asked]:
        found = []
        for asked in self.wire.asked:
            parts = json.loads(asked.body)["requests"] if asked.path == f"{ROOT}/$batch" else []
            found += [asked, *(_inner(part) for part in parts)]
        return found

    def _answer(self, asked: Asked) -> Said:
        path = unquote(asked.path).removeprefix(ROOT)
        if path == "/$batch" and path not in self.answers:
            parts = json.loads(asked.body)["requests"]
            return said_json({"responses": [self._part(part) for part in reversed(parts)]})
        missing = said_json({"error": {"code": "ErrorItemNotFound", "message": f"nothing at {path}"}}, 404)
        return self.answers.get(path, missing)

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        said = self._answer(_inner(part))
        return {"id": part["id"], "status": said.status, "headers": said.headers, "body": json.loads(said.body)}


def _inner(part: dict[str, Any]) -> Asked:
    headers = {name.lower(): value for name, value in part.get("headers", {}).items()}
    return Asked(part["method"], ROOT + part["url"], headers, b"")
