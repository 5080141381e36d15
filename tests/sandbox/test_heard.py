"""What the sandbox remembers of what it was asked: the calls, whose they were, and what broke a contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.strict.book import Book
from tests.sandbox.conftest import Processes, Sandbox

ADA, BO = "ada@gmail.example", "bo@outlook.example"
PROFILE = "/gmail/v1/users/me/profile"


def world(sandbox: Sandbox) -> Sandbox:
    people = {"google": ADA, "microsoft": BO}
    sandbox.seed(accounts=[{"provider": provider, "email": email} for provider, email in people.items()])
    return sandbox


def heard(sandbox: Sandbox, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.get("/_sandbox/calls", params={"since": since}).json()
    return found


def test_calls_are_remembered_with_whose_they_were(sandbox: Sandbox) -> None:
    api = world(sandbox).authorized("google", ADA)
    *_, before = heard(sandbox)
    assert before["path"] == "/google/token" and before["account"] == ""
    sandbox.drill("server-errors", service="gmail", count=1)
    assert [api.get(f"{sandbox.base}{PROFILE}?alt=json").status_code for _ in range(2)] == [503, 200]
    told = heard(sandbox, before["number"])
    assert [(one["verb"], one["path"], one["status"], one["account"]) for one in told] == [
        ("GET", PROFILE, status, ADA) for status in (503, 200)
    ]
    assert [one["number"] for one in told] == [before["number"] + 1, before["number"] + 2]
    assert sandbox.get("/_sandbox/calls", params={"since": "then"}).status_code == 400


def test_calls_inside_batches_are_remembered_one_by_one(sandbox: Sandbox) -> None:
    google, graph = world(sandbox).authorized("google", ADA), sandbox.authorized("microsoft", BO)
    since = heard(sandbox)[-1]["number"]
    parts = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\nGET {path}?alt=json\r\n\r\n"
        for n, path in enumerate((PROFILE, "/gmail/v1/users/me/messages/0000"))
    )
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    assert google.post(f"{sandbox.base}/batch/gmail/v1", data=parts + "--b--", headers=headers).status_code == 200
    inside = [{"id": "1", "method": "GET", "url": "/me"}, {"id": "2", "method": "GET", "url": "/me/nothing"}]
    assert graph.post(f"{sandbox.base}/v1.0/$batch", json={"requests": inside}).status_code == 200
    sandbox.http.delete(f"{sandbox.base}/_sandbox/violations")  # the contract at hand leaves $batch out
    assert [(one["path"], one["status"], one["inside"]) for one in heard(sandbox, since)] == [
        ("/batch/gmail/v1", 200, False),
        (PROFILE, 200, True),
        ("/gmail/v1/users/me/messages/0000", 404, True),
        ("/v1.0/$batch", 200, False),
        ("/v1.0/me", 200, True),
        ("/v1.0/me/nothing", 400, True),
    ]


def test_what_broke_a_contract_outlives_a_kill_and_a_reset(processes: Processes) -> None:
    sandbox = processes.start("--empty", "--redirect-base", "http://localhost:8000", "--strict")
    api = world(sandbox).authorized("google", ADA)
    api.get(f"{sandbox.base}{PROFILE}?colour=red")
    processes.kill()
    again = processes.start("--strict")
    [entry] = again.get("/_sandbox/violations").json()
    assert "colour=red" in entry["request"]
    again.post("/_sandbox/reset")
    assert again.http.delete(f"{again.base}/_sandbox/violations").json() == [entry]
    assert again.get("/_sandbox/violations").json() == []


def test_a_line_that_a_kill_cut_off_is_left_out(tmp_path: Path) -> None:
    path, whole = tmp_path / "violations.jsonl", {"request": "GET /é", "status": 400, "problems": ["no"]}
    Book(path).write(whole)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(whole)[:20])
    book = Book(path)
    assert book.entries == [whole]
    book.write(whole)
    assert Book(path).entries == [whole, whole]
