"""The command line: reads flags, calls the command, and turns a Failure into its sentence and exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from osmen_launcher.console import Console, Steps
from osmen_launcher.django import MANAGE, hand_over, run_script
from osmen_launcher.doctor import doctor
from osmen_launcher.errors import Failure, Stopped
from osmen_launcher.layout import Home
from osmen_launcher.packages import check_modules
from osmen_launcher.suite import test
from osmen_launcher.up import Options, install, up

USAGE = """\
usage: python3 osmen.py COMMAND [--home DIR] …

  up            prepare and run everything; `up --help` lists its flags
  test          run the tests; `--proofs` adds the long ones, the rest goes to pytest
  setup         the quick start: a menu that leads from nothing to a connected account
  doctor        say what is missing or wrong here and at the providers (`--json` for scripts)
  install       install packages, front-end assets and help pages only (`--dev`: those for tests as well)
  run FILE.py   run a Python file with Django set up
  shell         a Python prompt with Django set up
  NAME …        any management command (`help` lists them), with the same home

The home holds all state: var/ in the project, unless --home or OSMEN_HOME names another folder.
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
    if not arguments or arguments[0] in {"-h", "--help"}:
        Console().line(USAGE.rstrip())
        return 0 if arguments else 2
    given, arguments = _take_home(arguments)
    if not arguments:
        raise Failure("There is no command beside --home.", "See: python3 osmen.py --help", code=2)
    command, *rest = arguments
    home = Home.choose(given)
    if command == "up":
        return up(_up_options(home, rest), Console())
    if command == "test":
        return test(rest, Console())
    if command == "doctor":
        _nothing_more(command, [argument for argument in rest if argument != "--json"])
        return doctor(home, Console(), as_json="--json" in rest)
    if command == "install":
        _nothing_more(command, [argument for argument in rest if argument != "--dev"])
        check_modules()
        steps = Steps(Console(), 4)
        install(steps, dev="--dev" in rest)
        steps.end()
        return 0
    if command == "run":
        return run_script(home, rest, errors)
    return hand_over(home, [MANAGE, command, *rest], errors, prepared=command == "setup")


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


def _nothing_more(command: str, rest: list[str]) -> None:
    if rest:
        raise Failure(f"{command} does not know {rest[0]}.", "See: python3 osmen.py --help", code=2)


def _up_options(home: Home, arguments: list[str]) -> Options:
    parser = _Parser(
        prog="python3 osmen.py up",
        description="Prepare and run everything. The sandbox is a local Google and Microsoft to try OsMEN with.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=8000, help="where the app answers (default 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--home", metavar="DIR", help="folder for all state (default var/, or OSMEN_HOME)")
    parser.add_argument("--no-open", action="store_true", help="do not open the browser")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--sandbox", action="store_true", default=None, help="run the sandbox in any case")
    choice.add_argument("--no-sandbox", action="store_false", dest="sandbox", help="do not run it")
    parser.add_argument("--sandbox-port", type=_port, metavar="PORT", help="where the sandbox answers (default PORT+1)")
    parser.add_argument("--corpus", metavar="DIR", help="fill the sandbox with real mail and calendars from DIR")
    flags = parser.parse_args(arguments)
    sandbox_port = flags.sandbox_port or flags.port + 1
    if sandbox_port == flags.port or sandbox_port > 65535:
        raise Failure("The sandbox needs a port of its own.", "Give it one with --sandbox-port.", code=2)
    corpus = Path(flags.corpus).expanduser().resolve() if flags.corpus else None
    if corpus is not None and not corpus.is_dir():
        raise Failure(f"--corpus names {corpus}, which is no folder.", "Give the folder that holds the corpus.", code=2)
    if corpus is not None and flags.sandbox is False:
        raise Failure("--corpus fills the sandbox, which --no-sandbox leaves out.", "Use one of the two.", code=2)
    # A corpus is of no use without the sandbox, so asking for one asks for the other.
    sandbox = True if corpus is not None else flags.sandbox
    return Options(home, flags.host, flags.port, sandbox, sandbox_port, corpus, open_browser=not flags.no_open)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port between 1 and 65535")
    return int(text)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of argparse's two paragraphs."""

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{message[:1].upper()}{message[1:].rstrip('.')}.", f"See: {self.prog} --help", code=2)
