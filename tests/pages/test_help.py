"""The help pages: served to everybody, under the app's own policy, and linked from where people are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Path:
    """A built documentation of one page."""
    settings.HELP_ROOT = tmp_path / "site"
    settings.HELP_ROOT.mkdir()
    (settings.HELP_ROOT / "index.html").write_text("<h1>OsMEN help</h1>")
    (settings.HELP_ROOT / ".stamp").write_text("secretive")
    (tmp_path / "outside.html").write_text("outside")
    return Path(settings.HELP_ROOT)


def test_help_is_for_everybody_and_under_our_policy(built: Path, client: Client, db: None) -> None:
    answer = client.get("/help/")
    assert b"OsMEN help" in b"".join(answer)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["nowhere.html", ".stamp", "../outside.html", "%2e%2e/outside.html"])
def test_only_what_was_built_is_served(built: Path, client: Client, db: None, path: str) -> None:
    assert client.get(f"/help/{path}").status_code == 404


def test_where_help_was_not_built_it_says_how(tmp_path: Path, settings: Settings, client: Client, db: None) -> None:
    settings.HELP_ROOT = tmp_path
    answer = client.get("/help/")
    assert answer.status_code == 404 and "python3 osmen.py install" in answer.content.decode()


def test_help_is_linked_from_the_frame_settings_and_signing_in(client: Client, eve: User) -> None:
    client.force_login(eve)
    for page in ("/inbox/", "/settings/"):
        assert '<a href="/help/"' in client.get(page).content.decode()
    assert 'href="/help/"' in Client().get("/accounts/login/").content.decode()
