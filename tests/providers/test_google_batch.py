"""Several reads in one request: what is sent, what comes back in any order, and which parts are asked again."""

from __future__ import annotations

import json
import re
import time

import pytest

from integrations.errors import RateLimited, TemporaryFailure
from integrations.providers.base import Session
from integrations.providers.google import batch
from integrations.providers.http import Request
from tests.providers.wire import Asked, Said, Wire

PART = re.compile(rb"Content-ID: <([^>]+)>\r\n\r\nGET (\S+) HTTP/1.1")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def parts_of(asked: Asked) -> list[tuple[str, str]]:
    """Content-ID and target of each part that was sent."""
    return [(name.decode(), target.decode()) for name, target in PART.findall(asked.body)]


def answered(parts: list[tuple[str, int, object]]) -> Said:
    lines = []
    for name, status, value in parts:
        lines.append(
            f"--b_1\r\nContent-Type: application/http\r\nContent-ID: <response-{name}>\r\n\r\n"
            f"HTTP/1.1 {status} Whatever it says\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
            f"{json.dumps(value, indent=2)}\r\n"
        )
    return Said(200, ("".join(lines) + "--b_1--").encode(), {"Content-Type": 'multipart/mixed; boundary="b_1"'})


def requests(wire: Wire, count: int) -> dict[str, Request]:
    return {f"m{n}": Request("GET", f"{wire.base}/messages/m{n}?format=full") for n in range(count)}


def test_parts_are_matched_by_name_and_not_by_order(wire: Wire, session: Session) -> None:
    def answer(asked: Asked) -> Said:
        return answered([(name, 200, {"at": target}) for name, target in reversed(parts_of(asked))])

    wire.answer = answer
    got = batch.fetch(session, f"{wire.base}/batch", requests(wire, 120), "gmail.users.messages.get")
    assert {key: value.json()["at"] for key, value in got.items()} == {
        f"m{n}": f"/messages/m{n}?format=full" for n in range(120)
    }
    assert [len(parts_of(asked)) for asked in wire.asked] == [50, 50, 20]
    assert wire.asked[0].headers["authorization"] == "Bearer first-token"
    assert b"first-token" not in wire.asked[0].body


def test_only_passing_failures_are_asked_again(wire: Wire, session: Session) -> None:
    limit = {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}

    def answer(asked: Asked) -> Said:
        again = len(wire.asked) > 1
        outcome: dict[str, tuple[int, object]] = {
            "/messages/m1?format=full": (404, {"error": {"code": 404}}),
            "/messages/m2?format=full": (200, {}) if again else (429, {"error": {"code": 429}}),
            "/messages/m3?format=full": (200, {}) if again else (403, limit),
            "/messages/m4?format=full": (200, {}) if again else (503, {}),
        }
        parts = parts_of(asked)
        if not again:
            parts = parts[:-1]  # and one is not answered at all
        return answered([(name, *outcome.get(target, (200, {}))) for name, target in parts])

    wire.answer = answer
    got = batch.fetch(session, f"{wire.base}/batch", requests(wire, 6), "gmail.users.messages.get")
    assert {key: value.status for key, value in got.items()} == {
        "m0": 200,
        "m1": 404,
        "m2": 200,
        "m3": 200,
        "m4": 200,
        "m5": 200,
    }
    assert [target[10:12] for _, target in parts_of(wire.asked[1])] == ["m2", "m3", "m4", "m5"]


def test_parts_that_never_succeed_end_the_attempt(wire: Wire, session: Session) -> None:
    wire.answer = lambda asked: answered([(name, 429, {}) for name, _ in parts_of(asked)])
    with pytest.raises(RateLimited):
        batch.fetch(session, f"{wire.base}/batch", requests(wire, 2), "gmail.users.messages.get")
    assert len(wire.asked) == batch.ROUNDS


def test_an_answer_in_another_form_is_a_passing_failure(wire: Wire, session: Session) -> None:
    wire.answer = lambda asked: Said(200, b"<html>", {"Content-Type": "text/html"})
    with pytest.raises(TemporaryFailure):
        batch.fetch(session, f"{wire.base}/batch", requests(wire, 1), "gmail.users.messages.get")


def test_nothing_to_fetch_sends_nothing(wire: Wire, session: Session) -> None:
    assert batch.fetch(session, f"{wire.base}/batch", {}, "gmail.users.messages.get") == {}
    assert wire.asked == []


def test_a_refused_token_inside_is_replaced(wire: Wire, session: Session) -> None:
    def answer(asked: Asked) -> Said:
        status = 200 if asked.headers["authorization"] == "Bearer second-token" else 401
        return answered([(name, status, {}) for name, _ in parts_of(asked)])

    wire.answer = answer
    assert batch.fetch(session, f"{wire.base}/batch", requests(wire, 2), "gmail.users.messages.get")["m1"].ok
    assert len(wire.asked) == 2


def test_a_long_wait_is_left_to_the_engine(wire: Wire, session: Session) -> None:
    limit = Said(
        200,
        b"--b\r\nContent-ID: <response-part-0>\r\n\r\nHTTP/1.1 429 Slow\r\nRetry-After: 90\r\n\r\n{}\r\n--b--",
        {"Content-Type": "multipart/mixed; boundary=b"},
    )
    wire.answer = lambda asked: limit
    with pytest.raises(RateLimited) as caught:
        batch.fetch(session, f"{wire.base}/batch", requests(wire, 1), "gmail.users.messages.get")
    assert caught.value.retry_after == 90 and len(wire.asked) == 1
