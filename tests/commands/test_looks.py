"""What commands share: help, exit codes, JSON for scripts, tables on a terminal and plain columns in a pipe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError

from integrations.models import Connection, OAuthApp
from tests.commands.conftest import Run
from tests.journey.person import Person
from tests.providers.sandbox_process import ROOT

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
OURS = ("accounts", "calendars", "contacts", "dashboard", "integrations", "mail", "osmen_web")
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS)


def parsers(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for one in action.choices.values():
                yield from parsers(one)


def test_there_are_commands_to_look_at() -> None:
    assert {"setup_oauth", "complete_oauth", "connections", "sync", "integration_test", "doctor"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_and_verb_of_every_command_is_explained(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    made = load_command_class(get_commands()[command], command).create_parser("osmen.py", command)
    for parser in parsers(made):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args(["--help"])
        assert ended.value.code == 0 and command in capsys.readouterr().out
        with pytest.raises((CommandError, SystemExit)):
            parser.parse_args(["--no-such-flag"])


def test_a_terminal_gets_a_table_and_a_pipe_plain_columns() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "setup_oauth", "--list"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    plain = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    if plain.returncode:  # without a prepared home there is a sentence, and no traceback
        assert "Traceback" not in plain.stderr and "osmen.py up" in plain.stderr
    else:
        assert "\x1b" not in plain.stdout and plain.stdout.startswith("Provider ")


def on_a_terminal(*words: str) -> str:
    """What a command draws when somebody looks on."""
    leader, follower = pty.openpty()
    script = (
        "import sys, django; django.setup()\n"
        "from integrations.management.commands.sync import Command\n"
        "from integrations.management.terminal import menu, progress\n"
        "command = Command()\n"
        "command.table([('Account', 'Items'), ('ada@gmail.example', '1,240')])\n"
        "menu(command, 'Quick start', {'1': 'Connect Google', '0': 'Exit'})\n"
        "with progress(command.stdout, 'Syncing') as shown:\n    shown.show(3, 7, 'collections, 12 items')\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "osmen_web.settings", "TERM": "xterm-256color"}
    subprocess.run([sys.executable, "-c", script, *words], stdout=follower, env=environment, cwd=ROOT, timeout=60)
    os.close(follower)
    drawn = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    os.close(leader)
    return drawn.decode()


def test_a_terminal_gets_lines_and_a_bar() -> None:
    drawn = on_a_terminal()
    assert "╭" in drawn and "ada@gmail.example" in drawn
    assert "Quick start" in drawn and "Connect Google" in drawn
    assert "Syncing" in drawn and "3/7" in drawn and "collections, 12 items" in drawn


@pytest.mark.django_db
def test_the_doctor_says_what_the_browser_says(ada: Person, run: Run) -> None:
    well = run("doctor")
    assert well.code == 0 and "Google: the sandbox" in well.out and "ok      Redirect address" in well.out
    ada.sandbox.drill("misregister-app", provider="microsoft", what="expired-secret")
    wrong = run("doctor", "--provider", "microsoft")
    assert wrong.code == 1 and "1 thing to put right" in wrong.error and "Certificates & secrets: https://" in wrong.out
    told = run("doctor", "--json")
    assert told.code == 1
    by_provider = {one["provider"]: one["findings"] for one in json.loads(told.out)}
    assert [f["check"] for f in by_provider["microsoft"] if f["verdict"] == "wrong"] == ["secret"]
    ada.sandbox.drill("end-faults")
    OAuthApp.objects.update(active=False)
    assert run("doctor").code == 0 and run("doctor", "--provider", "google").code == 4


def test_a_service_that_fails_names_the_page_that_mends_it(ada: Person, run: Run) -> None:
    ada.connects("google", GOOGLE)
    ada.sandbox.drill("disable-api", api="gmail")
    tried = run("integration_test")
    assert tried.code == 1 and "apis/library/gmail.googleapis.com" in tried.out and "1. Enable" in tried.out
    mail = next(one for one in run("integration_test", "--json").json if one["service"] == "mail")
    assert mail["page"].endswith("gmail.googleapis.com") and mail["clicks"][0] == "Enable"
    ada.sandbox.drill("end-faults")
    assert run("integration_test").code == 0


def test_the_scopes_of_an_app_decide_what_connecting_asks_for(ada: Person, run: Run) -> None:
    words = ("complete_oauth", "--provider", "google", "--print-address")
    assert "auth%2Fcontacts" in run(*words).out
    OAuthApp.objects.filter(provider="google", active=True).update(services=["calendar"])
    for asked in (run(*words).out, ada.leaves_for("google", service=["mail", "calendar"])):
        assert "calendar.events" in asked and "gmail.modify" not in asked and "auth%2Fcontacts" not in asked


def test_the_primary_account_is_kept(ada: Person, run: Run) -> None:
    ada.connects("google", GOOGLE)
    ada.connects("microsoft", MICROSOFT)
    for account in (GOOGLE, MICROSOFT):
        assert run("connections", "primary", account).code == 0
        assert Connection.objects.get(primary=True).email == account
    assert [one["account"] for one in run("connections", "list", "--json").json if one["primary"]] == [MICROSOFT]
