"""The launcher's own commands as a shell sees them: their flags, their help, and what is wrong with what was typed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from osmen_launcher.errors import Failure
from osmen_launcher.layout import Home
from osmen_launcher.up import Options

HELP = ("-h", "--help")


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether help is wanted before a ``--`` that ends the flags."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return any(word in HELP for word in own)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of argparse's two paragraphs. ``--home`` is taken out before."""

    def __init__(self, command: str, description: str, usage: str = "") -> None:
        prog = f"python3 osmen.py {command}"
        shown = f"{prog} {usage} [--home DIR]".replace("  ", " ") if usage else None
        super().__init__(prog=prog, description=description, usage=shown, allow_abbrev=False)
        self.add_argument("--home", metavar="DIR", help="folder for all state (default var/, or OSMEN_HOME)")

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{message[:1].upper()}{message[1:].rstrip('.')}.", f"See: {self.prog} --help", code=2)


def doctor_parser() -> Parser:
    parser = Parser(
        "doctor",
        "Say what is missing or wrong with this machine, the home and the running app, then ask the providers about "
        "the OAuth apps. It changes nothing. Ends with 0 where all is well, 1 where something is wrong, and with "
        "--provider 4 where no app is set up for it.",
    )
    parser.add_argument("--provider", metavar="NAME", help="ask this provider alone: google or microsoft")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    return parser


def install_parser() -> Parser:
    parser = Parser("install", "Install packages, front-end assets and help pages, and start nothing.")
    parser.add_argument("--dev", action="store_true", help="those that the tests need as well")
    return parser


def test_parser() -> Parser:
    parser = Parser(
        "test",
        "Install what the tests need, and run them with a home that is thrown away. What is not named here goes to "
        "pytest: paths, -k WORDS, -x. Ends with pytest's exit code.",
        "[--proofs] [pytest arguments]",
    )
    parser.add_argument("--proofs", action="store_true", help="the long tests as well")
    return parser


def run_parser() -> Parser:
    parser = Parser(
        "run", "Run a Python file with Django set up; it gets the arguments after its name.", "FILE.py [arguments]"
    )
    parser.add_argument("file", metavar="FILE.py", help="what to run")
    return parser


def up_options(home: Home, arguments: Sequence[str]) -> Options:
    """The flags of ``up``. Raises Failure for those that cannot be."""
    parser = Parser("up", "Prepare and run everything. The sandbox is a local Google and Microsoft to try OsMEN with.")
    parser.add_argument("--port", type=_port, default=8000, help="where the app answers (default 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
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
