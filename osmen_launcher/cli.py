"""The command line: takes the home, calls the command, and turns a Failure into its sentence and exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from osmen_launcher import flags
from osmen_launcher.console import Console, Steps
from osmen_launcher.django import MANAGE, hand_over, run_script
from osmen_launcher.doctor import doctor
from osmen_launcher.errors import Failure, Stopped
from osmen_launcher.layout import Home
from osmen_launcher.packages import check_modules
from osmen_launcher.suite import test
from osmen_launcher.up import install, up

USAGE = """\
usage: python3 osmen.py COMMAND [--home DIR] …

  up            prepare and run everything
  test          run the tests; `--proofs` adds the long ones, the rest goes to pytest
  setup         the quick start: a menu that leads from nothing to a connected account
  doctor        say what is missing or wrong here and at the providers
  install       install packages, front-end assets and help pages only (`--dev`: those for tests as well)
  run FILE.py   run a Python file with Django set up
  shell         a Python prompt with Django set up
  NAME …        any management command (`help` lists them), with the same home

Each has its own `--help`. The home holds all state: var/ in the project, unless --home or OSMEN_HOME names another.
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    errors = Console(sys.stderr)
    try:
        return _dispatch(list(arguments), errors)
    except Failure as failure:
        errors.line(f"osmen: {failure}")
        return failure.code
    except (Stopped, KeyboardInterrupt):
        errors.line("osmen: Stopped.")
        return 130


def _dispatch(arguments: list[str], errors: Console) -> int:
    if not arguments or arguments[0] in flags.HELP:
        Console().line(USAGE.rstrip())
        return 0 if arguments else 2
    given, arguments = _take_home(arguments)
    if not arguments:
        raise Failure("There is no command beside --home.", "See: python3 osmen.py --help", code=2)
    command, *rest = arguments
    home = Home.choose(given)
    if command == "up":
        return up(flags.up_options(home, rest), Console())
    if command == "test":
        if flags.asks_for_help(rest):
            return _help(flags.test_parser())
        return test(rest, Console())
    if command == "doctor":
        wanted = flags.doctor_parser().parse_args(rest)
        return doctor(home, Console(), provider=wanted.provider or "", as_json=wanted.json)
    if command == "install":
        dev = flags.install_parser().parse_args(rest).dev
        check_modules()
        steps = Steps(Console(), 4)
        install(steps, dev=dev)
        steps.end()
        return 0
    if command == "run":
        if flags.asks_for_help(rest[:1]):  # what follows the file is the file's
            return _help(flags.run_parser())
        return run_script(home, rest, errors)
    prepared = command == "setup" and not flags.asks_for_help(rest)
    return hand_over(home, [MANAGE, command, *rest], errors, prepared=prepared, quiet=command == "shell")


def _help(parser: flags.Parser) -> int:
    Console().line(parser.format_help().rstrip())
    return 0


def _take_home(arguments: list[str]) -> tuple[str | None, list[str]]:
    """``--home DIR`` may stand anywhere before a ``--``, since every command has it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    home: str | None = None
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word == "--home":
            home = next(words, "")
        elif word.startswith("--home="):
            home = word.partition("=")[2]
        else:
            rest.append(word)
            continue
        if not home or home.startswith("--"):
            raise Failure("--home needs a folder.", "For example: --home var", code=2)
    return home, rest + arguments[end:]
