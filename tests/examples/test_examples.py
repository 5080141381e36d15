"""Every example runs against the sandbox as its first lines say, and does what they say."""

from __future__ import annotations

import io
import runpy
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache

from integrations import get_integration_layer
from integrations.connect import sandbox_apps
from integrations.layer import IntegrationLayer
from tests.journey.person import Person
from tests.providers.sandbox_process import ROOT, SandboxProcess

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    running = SandboxProcess(tmp_path_factory.mktemp("examples-sandbox"))
    yield running
    running.stop()


@pytest.fixture
def layer(process: SandboxProcess, transactional_db: None) -> IntegrationLayer:
    """One person with an account at each provider, synced."""
    process.reset()
    cache.clear()
    sandbox_apps.ensure(process.base)
    ada = Person.signs_up(process, "ada@example.org")
    ada.connected("google", GOOGLE)
    ada.connected("microsoft", MICROSOFT)
    return get_integration_layer(ada.user)


def example(name: str, *arguments: str) -> str:
    """Run an example as a script; what it printed."""
    said, before = io.StringIO(), sys.argv
    sys.argv = [name, *arguments]
    try:
        with redirect_stdout(said):
            runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    finally:
        sys.argv = before
    return said.getvalue()


def test_all_examples_are_tried_here() -> None:
    tried = Path(__file__).read_text("utf-8")
    assert not [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tried]


@pytest.mark.parametrize("name", ["send_mail.py", "search_everything.py"])
def test_an_example_that_needs_words_asks_for_them(name: str) -> None:
    with pytest.raises(SystemExit, match="Say "):
        example(name)


def test_examples_that_read_say_what_is_there(layer: IntegrationLayer, tmp_path: Path) -> None:
    status = example("integration_status.py")
    assert "google: set up, 1 connected" in status and f"{MICROSOFT} (microsoft): active" in status
    calendars = example("list_calendars.py")
    assert GOOGLE in calendars and "(default)" in calendars
    assert len(example("upcoming_events.py").splitlines()) == 10
    brief = example("morning_brief.py")
    assert f"{datetime.now().astimezone():%A}" in brief and " unread" in brief
    word = layer.inbox(limit=1)[0].subject.split()[0]
    assert "mail " in example("search_everything.py", word)
    assert "free " in example("free_time.py")
    assert int(example("save_attachments.py", str(tmp_path)).split()[0]) == len(list(tmp_path.iterdir())) > 0


def test_examples_that_write_change_the_providers(layer: IntegrationLayer) -> None:
    tomorrow = datetime.now().astimezone() + timedelta(days=1)
    assert "Plan the week" in example("create_event.py", GOOGLE)
    google = layer.get_google_calendar()
    assert [e for e in google.list_events("primary", tomorrow - timedelta(days=1)) if e["summary"] == "Plan the week"]
    assert "Copied 'Plan the week'" in example("copy_event.py", "Plan the week")
    outlook = layer.get_outlook_calendar()
    assert [e for e in outlook.list_events() if e["subject"] == "Plan the week"]
    both = example("unified_calendar.py")
    assert "the manager asks" in both
    assert both.count("Made in") == 2 and both.count("UTC  Tea with both of me") == 2
    layer.get_calendar_manager().set_primary_provider("microsoft")
    again = example("unified_calendar.py")
    assert f"Without a name: {MICROSOFT}." in again
    assert again.count("Made in") == 2 and again.count("UTC  Tea with both of me") == 4


def test_examples_that_send_and_add_do(layer: IntegrationLayer) -> None:
    assert example("send_mail.py", MICROSOFT, GOOGLE).startswith("done: from ada@nordlys.example")
    assert len(layer.get_google_gmail().list_messages('subject:"A word from OsMEN" in:inbox')) == 1
    before = len(layer.get_microsoft_contacts().list_contacts(None))
    assert "2 added" in example("merge_contacts.py", "2")
    assert len(layer.get_microsoft_contacts().list_contacts(None)) == before + 2
