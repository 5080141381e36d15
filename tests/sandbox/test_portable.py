"""The sandbox's state as a thing: taken out, put in elsewhere, and the same twice when it is seeded the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from tests.sandbox.conftest import Processes, Sandbox

ADA, BO = "ada@gmail.example", "bo@outlook.example"
WORLD: dict[str, Any] = {
    "accounts": [{"provider": "google", "email": ADA}, {"provider": "microsoft", "email": BO}],
    "messages": [
        {
            "provider": provider,
            "email": email,
            "raw": f"From: eva@example.org\nTo: {email}\nSubject: Letter {number}\nMessage-ID: <{number}@x>\n\nHi\n",
            "received": f"2026-11-0{number}T10:00:00+00:00",
        }
        for provider, email in (("google", ADA), ("microsoft", BO))
        for number in range(1, 6)
    ],
    "events": [
        {
            "provider": provider,
            "email": email,
            "uid": "tea@x",
            "title": "Tea",
            "start": "2026-12-01T15:00:00",
            "end": "2026-12-01T16:00:00",
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
        }
        for provider, email in (("google", ADA), ("microsoft", BO))
    ],
    "contacts": [
        {"provider": provider, "email": email, "name": "Eva Ek", "emails": [["eva@example.org", "home"]]}
        for provider, email in (("google", ADA), ("microsoft", BO))
    ],
}
ASKED = {
    "google": (
        "/gmail/v1/users/me/messages",
        "/gmail/v1/users/me/profile",
        "/gmail/v1/users/me/history?startHistoryId=10000",
        "/calendar/v3/calendars/primary/events?singleEvents=true&fields=items(id,start,iCalUID)",
        "/v1/people/me/connections?personFields=names&fields=connections(resourceName,names)",
    ),
    "microsoft": (
        "/v1.0/me/messages?$select=id,conversationId,subject",
        "/v1.0/me/mailFolders?$select=id,displayName",
        "/v1.0/me/events?$select=id,iCalUId,subject",
        "/v1.0/me/contacts?$select=id,displayName",
    ),
}


def behaviour(sandbox: Sandbox) -> list[Any]:
    """What the accounts answer, without what names the host or the moment."""
    found: list[Any] = []
    for provider, email in (("google", ADA), ("microsoft", BO)):
        session = sandbox.authorized(provider, email)
        for path in ASKED[provider]:
            answer = session.get(sandbox.base + path)
            assert answer.status_code == 200, answer.text
            found.append({k: v for k, v in answer.json().items() if not k.startswith("@odata")})
    return [_bare(one) for one in found]


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if not k.startswith("@odata")}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def test_seeded_identically_it_behaves_identically(tmp_path: Path) -> None:
    behaved = []
    for name in ("one", "two"):
        processes = Processes(tmp_path / name)
        sandbox = processes.start("--empty", "--redirect-base", "http://localhost:8000")
        sandbox.seed(**WORLD)
        behaved.append(behaviour(sandbox))
        processes.kill()
    assert behaved[0] == behaved[1]


def test_an_export_goes_on_where_the_original_was(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.seed(**WORLD)
    token = sandbox.connect("google", ADA)
    sandbox.drill("advance-clock", seconds=1200)
    before = behaviour(sandbox)
    copy = sandbox.get("/_sandbox/export")
    assert copy.headers["content-type"] == "application/vnd.sqlite3"
    processes = Processes(tmp_path / "elsewhere")
    other = processes.start("--empty")
    try:
        assert other.post("/_sandbox/import", data=copy.content).status_code == 200
        assert behaviour(other) == before
        assert other.refresh("google", token["refresh_token"]).status_code == 200
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert requests.get(f"{other.base}/gmail/v1/users/me/profile", headers=headers, timeout=5).status_code == 200
        assert other.post("/_sandbox/import", data=b"no database").status_code == 400
        assert behaviour(other) == before
        processes.kill()
        again = processes.start()
        assert behaviour(again) == before
    finally:
        processes.kill()
