"""Drills about a service reach into the batches of several services, and into the parts of that service alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox

ADA = "ada@gmail.example"
MAIL, PEOPLE = "/gmail/v1/users/me/profile", "/v1/people/me/connections?personFields=names"


@pytest.mark.parametrize(
    ("drill", "call", "status"),
    [
        ("disable-api", {"api": "people"}, 403),
        ("rate-limit", {"service": "people", "seconds": 60}, 429),
        ("server-errors", {"service": "people", "count": 1}, 503),
    ],
)
def test_a_part_fails_as_its_own_service_does(sandbox: Sandbox, drill: str, call: dict[str, Any], status: int) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    api = sandbox.authorized("google", ADA)
    parts = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\nGET {path}\r\n\r\n"
        for n, path in enumerate((MAIL, PEOPLE))
    )

    def statuses() -> list[str]:
        headers = {"Content-Type": "multipart/mixed; boundary=b"}
        answer = api.post(f"{sandbox.base}/batch", data=parts + "--b--", headers=headers)
        return [line.split()[1] for line in answer.text.splitlines() if line.startswith("HTTP/1.1")]

    sandbox.drill(drill, **call)
    assert statuses() == ["200", str(status)]
    sandbox.drill("end-faults")
    assert statuses() == ["200", "200"]
