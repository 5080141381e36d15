"""Setting up OAuth apps: by flags, by file and by answers; what is wrong is said, and no secret is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.models import Heartbeat, OAuthApp
from tests.commands.conftest import Run
from tests.journey.person import Person
from tests.providers.sandbox_process import ROOT, SandboxProcess

GOOGLE_ID, SECRET = "123-abc.apps.googleusercontent.com", "GOCSPX-only-for-tests"
MICROSOFT_ID = "11111111-2222-3333-4444-555555555555"
CALLBACK = "http://localhost:8000/accounts/google/login/callback/"
pytestmark = pytest.mark.django_db


def client_json(path: Path, kind: str = "web", **more: Any) -> str:
    path.write_text(json.dumps({kind: {"client_id": GOOGLE_ID, "client_secret": SECRET, **more}}))
    return str(path)


def test_a_google_file_sets_the_app_up(run: Run, tmp_path: Path) -> None:
    done = run("setup_oauth", "--client-json", client_json(tmp_path / "c.json", redirect_uris=[CALLBACK]))
    assert done.code == 0 and SECRET not in done.out + done.error
    app = OAuthApp.objects.get(provider="google", active=True)
    assert app.credentials().client_secret == SECRET and SECRET.encode() not in app.client_secret.ciphertext


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not the JSON of an OAuth client"),
        ("no json", "not JSON"),
        ('{"type": "service_account"}', "service account"),
        (
            json.dumps({"web": {"client_id": GOOGLE_ID, "client_secret": SECRET, "redirect_uris": ["http://x/"]}}),
            CALLBACK,
        ),
        (json.dumps({"web": {"client_id": "mine", "client_secret": SECRET}}), "apps.googleusercontent.com"),
    ],
)
def test_a_wrong_file_is_explained(run: Run, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    refused = run("setup_oauth", "--provider", "google", "--client-json", str(path))
    assert refused.code == 1 and said in refused.error
    assert not OAuthApp.objects.exists()


def test_flags_set_a_microsoft_app_up(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a-value~not-an-id\n")
    words = ("setup_oauth", "--provider", "microsoft", "--client-id", MICROSOFT_ID, "--client-secret-file", str(secret))
    done = run(*words, "--tenant", "organizations", "--json")
    assert (done.code, done.json["client_id"], done.json["tenant"]) == (0, MICROSOFT_ID, "organizations")
    secret.write_text(MICROSOFT_ID)
    assert "secret's id" in run(*words).error
    assert run("setup_oauth", "--provider", "microsoft", "--client-id", MICROSOFT_ID).code == 2
    assert "tenant" in run(*words, "--tenant", "not a tenant").error


def test_questions_are_asked_again_until_the_answers_can_be_right(run: Run) -> None:
    answers = ("", "nonsense", "short", GOOGLE_ID, SECRET)
    done = run("setup_oauth", "--provider", "google", "--scopes", "calendar+mail", answers=answers)
    assert done.code == 0 and CALLBACK in done.out
    assert "does not look like" in done.out and "calendar.events" in done.out and "auth/contacts" not in done.out
    assert [s.value for s in OAuthApp.objects.get().offered_services] == ["mail", "calendar"]
    assert run("setup_oauth", "--list", "--json").json[0]["services"] == ["mail", "calendar"]
    assert run("setup_oauth", "--provider", "google", answers=()).code == 2
    asked = run("setup_oauth", "--provider", "google", answers=("everything", "custom:calendar", "", GOOGLE_ID, SECRET))
    assert asked.code == 0 and "everything is none of" in asked.out and "gmail.modify" not in asked.out
    assert [s.value for s in OAuthApp.objects.get().offered_services] == ["calendar"]
    assert run("setup_oauth", "--provider", "google", "--scopes", "everything").code == 2


def test_a_wrong_file_is_asked_for_again(run: Run, tmp_path: Path) -> None:
    other = client_json(tmp_path / "other.json", redirect_uris=["http://x/"])
    right = client_json(tmp_path / "right.json", redirect_uris=[CALLBACK])
    answers = ("", str(tmp_path / "nowhere.json"), str(tmp_path), __file__, other, right)
    done = run("setup_oauth", "--provider", "google", answers=answers)
    assert done.code == 0, done.error
    assert done.out.count("cannot be read") == 2 and "not JSON" in done.out and "is not registered" in done.out
    assert OAuthApp.objects.get().client_id == GOOGLE_ID


def test_status_says_what_is_not_set_up(run: Run, tmp_path: Path) -> None:
    assert run("setup_oauth", "--status").code == 4
    run("setup_oauth", "--client-json", client_json(tmp_path / "c.json"))
    assert run("setup_oauth", "--status", "--provider", "google").code == 0
    listed = run("setup_oauth", "--list", "--json").json
    assert [(one["provider"], one["configured"]) for one in listed] == [("google", True), ("microsoft", False)]
    assert "not set up" in run("setup_oauth", "--list").out


def test_a_real_app_takes_the_sandboxs_place_and_connections_stay(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    before = OAuthApp.objects.get(provider="google", active=True)
    run("setup_oauth", "--client-json", client_json(tmp_path / "c.json"))
    before.refresh_from_db()
    assert not before.active and OAuthApp.objects.get(provider="google", active=True).client_id == GOOGLE_ID


def test_the_wizard_leads_through_in_a_plain_pipe(run: Run) -> None:
    done = run(
        "setup",
        answers=("1", "2", "no", "", "", GOOGLE_ID, SECRET, "ada@example.org", "123", "right horse battery", "no", "0"),
    )
    assert done.code == 0, done.error
    assert "missing  Google app" in done.out and "OsMEN quick start" in done.out
    assert OAuthApp.objects.filter(provider="google", active=True).exists()
    assert User.objects.get(email="ada@example.org").is_superuser
    status = run("setup", answers=("4", "5", "6", "9", "0"))
    assert "Nothing is connected" in status.out and "python-layer.md" in status.out and "not on the menu" in status.out


def test_the_wizard_waits_for_what_is_done_in_the_browser(
    run: Run, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    monkeypatch.setattr("time.sleep", lambda seconds: ada.connects("google", "ada.moreau@gmail.example"))
    done = run("setup", answers=("2", ada.user.email, "", "0"))
    assert f"sign in as {ada.user.email}, and press Connect Google" in done.out
    assert "ada.moreau@gmail.example is connected" in done.out


def test_the_wizard_is_the_first_thing_that_one_may_start(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "osmen.py"), "setup", "--choose", "1", "--home", str(tmp_path / "new")]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0 and "ok       key ring" in done.stdout, done.stderr


def test_a_home_that_is_not_prepared_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "connections", "list"]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment["OSMEN_HOME"] = str(tmp_path / "new")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60)
    assert done.returncode == 1 and "Run: python3 osmen.py up" in done.stderr and "Traceback" not in done.stderr
