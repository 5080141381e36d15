"""The suite's search for tokens finds them in every place that it listens to."""

from __future__ import annotations

import base64
import logging
import pickle
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory

from tests import leaks
from tests.providers.sandbox_process import SandboxProcess


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that a sandbox might have given out, in a search of this test's own."""
    value = f"1//0{secrets.token_urlsafe(70)}"
    monkeypatch.setattr(leaks, "_heard", {})
    monkeypatch.setattr(leaks, "_issued", {})
    leaks.remember([{"value": value, "kind": "refresh", "provider": "google"}])
    return value


def test_a_token_is_found_in_logs_tracebacks_and_addresses(token: str) -> None:
    assert leaks.found() == []
    try:
        raise ValueError(token)
    except ValueError:
        logging.getLogger("osmen").exception("something failed")
    assert leaks.found() == ["a google refresh token in the log of osmen: …" + leaks.found()[0].partition("…")[2]]
    leaks._heard.clear()
    logging.getLogger("osmen").warning("GET /?token=%s", quote(token, safe=""))
    assert len(leaks.found()) == 1 and token not in leaks.found()[0]


@pytest.mark.django_db
def test_a_token_is_found_in_sessions_the_cache_and_answers(token: str) -> None:
    client = Client()
    session = client.session
    session["pending"] = {"deep": [token]}
    session.save()
    leaks.hear_rows()
    assert "a session" in leaks.found()[0]
    session.flush()
    leaks._heard.clear()
    cache.set("kept", {"deep": [token]})
    leaks.hear_rows()
    assert "the cache" in leaks.found()[0]
    cache.clear()
    leaks._heard.clear()
    client.get("/accounts/login/", {"next": f"/{token}"})
    assert "the answer to /accounts/login/" in leaks.found()[0]


def exported(token: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"so far, ", f"and {token}".encode()]))


def test_a_token_is_found_in_what_is_sent_piece_by_piece_and_to_browsers(token: str) -> None:
    asked = RequestFactory().get("/export/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIHandler, "load_middleware", lambda self: None)
        patch.setattr(WSGIHandler, "_middleware_chain", lambda self, _: exported(token), raising=False)
        sent = WSGIHandler().get_response(asked)
    assert isinstance(sent, StreamingHttpResponse) and leaks.found() == []
    assert sent.getvalue().endswith(token.encode())
    assert "the answer to /export/" in leaks.found()[0]


def test_a_token_is_found_in_what_processes_print(token: str, pytestconfig: pytest.Config) -> None:
    report = pytest.TestReport("a test", ("", 0, ""), {}, "passed", None, "call")
    report.sections.append(("Captured stderr call", f"Bearer {token}"))
    listening = pytestconfig.pluginmanager.get_plugin(str(Path(leaks.__file__).with_name("conftest.py")))
    assert listening is not None
    listening.pytest_runtest_logreport(report)
    assert "Captured stderr call" in leaks.found()[0]


@pytest.mark.parametrize("place", ["logs/worker.log", "broker/queue/1.msg", "mail/letter", "session", "cache"])
def test_a_token_is_found_in_the_home_of_an_osmen(token: str, tmp_path: Path, place: str) -> None:
    content = SessionStore().encode({"pending": [token] * 9}), base64.b64encode(pickle.dumps({"kept": token})).decode()
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as home, home:
        home.execute("CREATE TABLE django_session (session_data)")
        home.execute("CREATE TABLE cache (value)")
        if place == "session":
            home.execute("INSERT INTO django_session VALUES (?)", content[:1])
        elif place == "cache":
            home.execute("INSERT INTO cache VALUES (?)", content[1:])
    if "/" in place:
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(f"gave out {token}")
    leaks.hear_home(tmp_path)
    (found,) = leaks.found()
    assert place in found


def test_what_a_sandbox_gives_out_is_known_by_its_looks(sandbox_process: SandboxProcess) -> None:
    given = sandbox_process.connect("microsoft").answer, sandbox_process.connect("google").answer
    for answer in given:
        for name in ("access_token", "refresh_token", "id_token"):
            assert leaks._LOOKS_LIKE_ONE.match(answer[name]), name
