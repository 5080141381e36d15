"""Every line that the documentation tells people to type is one that the commands take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class

from osmen_launcher import flags
from osmen_launcher.layout import Home
from tests.providers.sandbox_process import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "examples").glob("*.py"))]
LAUNCHERS = {"doctor": flags.doctor_parser, "install": flags.install_parser}
GIVEN = {"ID": "1", "FILE": "README.md", "N": "1"}  # what stands for something in the pages, where a type is checked


def lines() -> Iterator[str]:
    for page in PAGES:
        for found in re.findall(
            r"^(?:python3 )?osmen\.py (.+)$|`(?:python3 )?osmen\.py ([^`]+)`", page.read_text(), re.M
        ):
            line = re.split(r"\s+#", " ".join("".join(found).split()))[0]
            if "…" not in line and line.split()[0].islower() and line[0] != "-":
                yield line


LINES = sorted(set(lines()))


def test_there_are_lines_to_try() -> None:
    assert len(LINES) > 25 and "up" in LINES and "setup" in LINES


@pytest.mark.parametrize("line", LINES)
def test_a_documented_line_is_taken(line: str) -> None:
    command, *words = shlex.split(line)
    words = [GIVEN.get(word, word) for word in words]
    if "--home" in words:
        del words[words.index("--home") : words.index("--home") + 2]
    if command == "up":
        assert flags.up_options(Home(ROOT / "var"), words)
    elif command in LAUNCHERS:
        assert LAUNCHERS[command]().parse_args(words)
    elif command not in ("test", "run"):  # whose arguments are somebody else's
        assert command in get_commands()
        if not words:  # a command that is spoken of
            return
        parser = load_command_class(get_commands()[command], command).create_parser("osmen.py", command)
        assert parser.parse_args(words)
