"""The suite's search for tokens finds them in every place that it listens to."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client

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


def test_what_a_sandbox_gives_out_is_known_by_its_looks(sandbox_process: SandboxProcess) -> None:
    given = sandbox_process.connect("microsoft").answer, sandbox_process.connect("google").answer
    for answer in given:
        for name in ("access_token", "refresh_token", "id_token"):
            assert leaks._LOOKS_LIKE_ONE.match(answer[name]), name
