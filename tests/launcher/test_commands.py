"""Commands beside ``up`` find the same home, pass on arguments and exit codes, and suit scripts and terminals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.launcher.running import free_ports, osmen


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is prepared but not running."""
    path = tmp_path_factory.mktemp("commands") / "home"
    assert osmen("prepare", "--home", path).returncode == 0
    return path


def test_help_and_no_command() -> None:
    assert "usage: python3 osmen.py COMMAND" in osmen("--help").stdout
    assert osmen().returncode == 2
    assert "--sandbox-port" in osmen("up", "--help").stdout


@pytest.mark.parametrize(
    ("command", "flag"),
    [
        ("up", "--sandbox-port"),
        ("test", "--proofs"),
        ("doctor", "--provider"),
        ("install", "--dev"),
        ("run", "FILE.py"),
        ("setup", "--choose"),
        ("shell", "--command"),
        ("connections", "reconnect"),
    ],
)
def test_every_command_has_help_and_does_nothing_else(command: str, flag: str, tmp_path: Path) -> None:
    answer = osmen(command, "--help", "--home", tmp_path / "home")
    assert answer.returncode == 0 and answer.stdout.startswith("usage: ") and flag in answer.stdout, answer.stderr
    assert not (tmp_path / "home" / "db.sqlite3").exists()
    if command not in ("run", "test"):  # their arguments are somebody else's
        assert osmen(command, "--no-such-flag", "--home", tmp_path / "home").returncode == 2


def test_the_doctor_asks_one_provider(home: Path) -> None:
    extra = {"OSMEN_PORT": str(free_ports())}
    none = osmen("doctor", "--provider", "google", "--home", home, extra=extra)
    assert none.returncode == 4 and "no OAuth app is set up for google" in none.stdout
    assert "Google: no app" in none.stdout and "Microsoft" not in none.stdout
    told = osmen("doctor", "--provider=google", "--json", "--home", home, extra=extra)
    assert told.returncode == 4 and [one["provider"] for one in json.loads(told.stdout)["apps"]] == ["google"]
    unknown = osmen("doctor", "--provider", "almanac", "--home", home, extra=extra)
    assert unknown.returncode == 2 and "invalid choice" in unknown.stdout


def test_a_management_command_runs_with_the_home(home: Path) -> None:
    for arguments in (("prepare", "--json", "--home", home), ("--home", home, "prepare", "--json")):
        answer = osmen(*arguments)
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["first_run"] is True


def test_the_home_may_come_from_the_environment(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "where.py"
    script.write_text("from django.conf import settings; print(settings.DATABASES['default']['NAME'])")
    answer = osmen("run", script, extra={"OSMEN_HOME": str(home)})
    assert answer.stdout.strip() == str(home / "db.sqlite3")


def test_a_script_runs_with_django_and_its_arguments(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "count.py"
    script.write_text(
        "import sys\nfrom accounts.models import User\nprint(User.objects.count(), sys.argv[1:])\nsys.exit(7)\n"
    )
    answer = osmen("run", script, "--flag", "--home", home)
    assert answer.stdout.strip() == "0 ['--flag']"
    assert answer.returncode == 7


def test_a_script_has_the_terminal_for_itself(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "says.py"
    script.write_text(
        "import logging\nfrom osmen_web.celery import app\nlogging.getLogger('x').info('asked')\n"
        "app.connection_for_write().ensure_connection()\nprint('done')\n"
    )
    answer = osmen("run", script, "--home", home)
    assert (answer.stdout, answer.stderr) == ("done\n", "")
    assert "asked" in osmen("run", script, "--home", home, extra={"OSMEN_LOG_LEVEL": "INFO"}).stderr


def test_a_script_that_is_not_there(home: Path) -> None:
    answer = osmen("run", "nowhere.py", "--home", home)
    assert answer.returncode == 2
    assert "There is no file nowhere.py" in answer.stderr


def test_the_shell_reads_from_a_pipe(home: Path) -> None:
    answer = osmen("shell", "--home", home, "--command", "import sys; print(sys.version_info >= (3, 11))")
    assert answer.stdout.strip().endswith("True")


def test_a_setting_that_is_wrong_is_one_sentence(home: Path) -> None:
    answer = osmen("check", "--home", home, extra={"OSMEN_ENV": "staging"})
    assert answer.returncode == 4
    assert "OSMEN_ENV" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_up_passes_on_a_wrong_setting(tmp_path: Path) -> None:
    answer = osmen("up", "--home", tmp_path / "home", "--port", free_ports(), extra={"OSMEN_ENV": "production"})
    assert answer.returncode == 1
    assert answer.stderr.startswith("osmen: Set OSMEN_PUBLIC_URL")
    assert len(answer.stderr.strip().splitlines()) == 1


def test_the_doctor_says_what_is_wrong(home: Path, tmp_path: Path) -> None:
    well = osmen("doctor", "--home", home, extra={"OSMEN_PORT": str(free_ports())})
    assert well.returncode == 0, well.stdout
    assert "All is well." in well.stdout
    nowhere = osmen("doctor", "--home", tmp_path / "nowhere")
    assert nowhere.returncode == 1
    assert "does not exist yet. Run: python3 osmen.py up" in nowhere.stdout
    assert not (tmp_path / "nowhere").exists()


def test_the_doctor_misses_keys(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    copy.mkdir()
    (copy / "db.sqlite3").write_bytes((home / "db.sqlite3").read_bytes())
    answer = osmen("doctor", "--home", copy)
    assert answer.returncode == 1
    assert "has a database but no keys" in answer.stdout


def test_marks_are_plain_where_the_terminal_is(home: Path) -> None:
    plain = osmen("doctor", "--home", home, extra={"PYTHONIOENCODING": "ascii"})
    assert "[ok] Python" in plain.stdout
    assert plain.stdout.isascii()
    assert "✓ Python" in osmen("doctor", "--home", home, extra={"PYTHONIOENCODING": "utf-8"}).stdout
