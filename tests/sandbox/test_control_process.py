"""The sandbox as a process: its arguments, its memory over kills and restarts, its worlds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Processes

ADA, BO = "ada@gmail.example", "bo@outlook.example"
LETTER = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Kept\r\n\r\nHello\r\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail at once."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "sandbox.example"])
def test_it_runs_on_this_machine_only(tmp_path: Path, host: str) -> None:
    done = run("--host", host, "--home", str(tmp_path))
    assert done.returncode == 2
    assert f"{host} is not a loopback address" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_corpus_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path / "home"), "--corpus", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "There is no folder" in done.stderr


def test_a_database_that_is_none_is_said_in_words_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    path.write_bytes(b"This is no database. " * 200)
    done = run("--home", str(tmp_path))
    assert done.returncode == 1
    assert f"cannot use {path}" in done.stderr
    assert path.read_bytes().startswith(b"This is no database.")


def test_everything_outlives_a_kill(processes: Processes) -> None:
    sandbox = processes.start("--empty", "--redirect-base", "http://localhost:8000")
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    body = sandbox.connect("google", ADA)
    sandbox.drill("add-mail", provider="google", email=ADA, subject="Before")
    sandbox.drill("advance-clock", seconds=1800)
    code = sandbox.decide("google", ADA)["code"]
    keys = sandbox.get("/google/oauth2/v3/certs").json()
    issued = sandbox.get("/_sandbox/tokens").json()
    processes.kill()
    again = processes.start()
    assert again.state(ADA)["messages"] == 1
    assert again.state(ADA)["grants"] == 1
    assert again.get("/google/oauth2/v3/certs").json() == keys
    assert again.get("/_sandbox/tokens").json() == issued
    assert again.userinfo(body["access_token"]).status_code == 200
    assert again.exchange("google", code).status_code == 200
    assert again.refresh("google", body["refresh_token"]).status_code == 200
    again.drill("advance-clock", seconds=1800)
    assert again.userinfo(body["access_token"]).status_code == 401


def test_the_last_change_before_a_kill_is_kept(processes: Processes) -> None:
    """Killed as soon as the answer is here, whatever it was that changed: by an API, by a drill, in a console."""
    sandbox = processes.start("--empty", "--redirect-base", "http://localhost:8000")
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}, {"provider": "microsoft", "email": BO}])
    google, graph = sandbox.authorized("google", ADA), sandbox.authorized("microsoft", BO)
    day = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    times = {name: {"dateTime": f"{day}T{at}:00:00Z"} for name, at in (("start", 10), ("end", 11))}

    def event() -> requests.Response:
        return google.post(f"{sandbox.base}/calendar/v3/calendars/primary/events", json=times)

    def contact() -> requests.Response:
        return graph.post(f"{sandbox.base}/v1.0/me/contacts", json={"givenName": "Eva"})

    def drill(name: str, **call: Any) -> Callable[[], requests.Response]:
        return lambda: sandbox.post(f"/_sandbox/drills/{name}", json=call)

    def on_the_page(text: str) -> Callable[[], bool]:
        return lambda: text in sandbox.get("/_sandbox/").text

    def holds(email: str, what: str) -> Callable[[], bool]:
        return lambda: sandbox.state(email)[what] == 1

    for change, is_kept in (
        (event, holds(ADA, "events")),
        (contact, holds(BO, "contacts")),
        (drill("server-errors", service="people", count=7), on_the_page("people: server errors, 7")),
        (drill("misregister-app", provider="google", what="testing-mode"), on_the_page("google: testing mode")),
        (drill("quota-table", table="old"), on_the_page("quotas: the old table counts")),
    ):
        assert change().status_code in (200, 201)
        processes.kill()
        sandbox = processes.start()
        assert is_kept()


def test_a_new_home_gets_the_built_in_world_and_a_reset_brings_it_back(processes: Processes) -> None:
    sandbox = processes.start()
    began = sandbox.get("/_sandbox/state").json()
    assert sum(one["messages"] for one in began["accounts"]) >= 250
    first = began["accounts"][0]
    sandbox.drill("add-mail", provider=first["provider"], email=first["email"], count=2)
    assert sandbox.state(first["email"])["messages"] == first["messages"] + 2
    sandbox.post("/_sandbox/reset")
    assert sandbox.get("/_sandbox/state").json() == began


def test_a_corpus_is_loaded_once_and_what_cannot_be_is_listed(processes: Processes, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "mail").mkdir(parents=True)
    (folder / "calendar").mkdir()
    (folder / "mail" / "kept.eml").write_bytes(LETTER)
    (folder / "calendar" / "broken.ics").write_bytes(b"This is no calendar")
    sandbox = processes.start("--corpus", str(folder))
    accounts = sandbox.get("/_sandbox/state").json()["accounts"]
    assert [one["messages"] for one in accounts] == [1, 1]
    assert any("broken.ics" in one["what"] and one["why"] for one in sandbox.get("/_sandbox/left-out").json())
    processes.kill()
    again = processes.start("--corpus", str(folder))
    assert again.get("/_sandbox/state").json() == {"accounts": accounts}


def test_a_sandbox_ends_with_the_tests_that_it_is_for(processes: Processes) -> None:
    processes.start("--empty")
    process = processes.running[-1]
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) is not None
