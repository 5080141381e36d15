"""That the check of our requests against Graph's contract tells right from wrong."""

from __future__ import annotations

import json

import pytest

from tests.providers import graph_contract
from tests.providers.wire import Asked

pytestmark = pytest.mark.skipif(not graph_contract.available(), reason="no copy of Graph's contract here")


def ask(method: str, target: str, payload: object = None) -> list[str]:
    return graph_contract.complaints(Asked(method, f"/v1.0{target}", {}, json.dumps(payload).encode()))


def test_right_requests_pass() -> None:
    assert not ask("GET", "/me/mailFolders/inbox/messages/delta?$select=id,subject&$orderby=receivedDateTime+desc")
    assert not ask("GET", "/me/mailFolders/AA%3D/messages/delta")
    assert not ask("POST", "/me/messages/A/move", {"destinationId": "archive"})
    assert not ask("PATCH", "/me/messages/A", {"isRead": True})


@pytest.mark.parametrize(
    ("method", "target", "payload"),
    [
        ("GET", "/me/mesages", None),
        ("DELETE", "/me/mailFolders", None),
        ("GET", "/me/messages?$select=subjekt", None),
        ("GET", "/me/messages?top=5", None),
        ("GET", "/me/messages?$top=1001", None),
        ("PATCH", "/me/messages/A", {"isread": True}),
        ("POST", "/me/messages/A/move", {"to": "archive"}),
        ("POST", "/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/me/mesages"}]}),
    ],
)
def test_wrong_requests_are_told(method: str, target: str, payload: object) -> None:
    assert ask(method, target, payload)
