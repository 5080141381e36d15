"""Runs the sandbox: ``python -m sandbox --host 127.0.0.1 --port 8001 --home DIR [--corpus DIR] [--empty]``."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette

from sandbox import clients, seeding
from sandbox.app import create_app
from sandbox.google.people import lateness
from sandbox.loopback import is_loopback
from sandbox.store import Store

if TYPE_CHECKING:
    from sandbox.strict.book import Judge

STOPPING = 3  # seconds that answers under way are waited for


class _Server(uvicorn.Server):
    """Says in one line when it is ready."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Sandbox ready at http://{self.config.host}:{self.config.port}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("sandbox", description="A local Google and Microsoft.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--home", type=Path, required=True, help="where its state is kept")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--corpus", type=Path, help="load real mail, calendars and contacts from this folder")
    what.add_argument("--empty", action="store_true", help="begin without any account")
    parser.add_argument(
        "--redirect-base",
        action="append",
        default=[],
        metavar="URL",
        help="an OsMEN that may ask for consent; repeatable",
    )
    parser.add_argument(
        "--people-delay",
        type=float,
        default=float(os.environ.get("SANDBOX_PEOPLE_DELAY") or 0),
        metavar="SECONDS",
        help="how late changes of Google's contacts are seen (default: SANDBOX_PEOPLE_DELAY, or at once)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        default=os.environ.get("SANDBOX_STRICT") == "1",
        help="write down each request that breaks a vendor's contract (default: SANDBOX_STRICT=1); needs jsonschema-rs",
    )
    parser.add_argument(
        "--graph-contract",
        type=Path,
        default=os.environ.get("SANDBOX_GRAPH_CONTRACT") or None,
        metavar="FILE",
        help="an OpenAPI document of Graph that --strict goes by (default: SANDBOX_GRAPH_CONTRACT)",
    )
    return parser.parse_args()


def _judges(given: argparse.Namespace) -> list[Judge] | None:
    """Who judges requests; None for a sandbox that is not strict. Raises ImportError without jsonschema-rs."""
    if not given.strict:
        return None
    from sandbox.strict.book import judges  # here, because only a strict sandbox needs what it imports

    return judges(given.graph_contract)


def _prepared(given: argparse.Namespace, path: Path, judges: list[Judge] | None) -> Starlette:
    """The app over the home's database, filled. Raises OSError or ``sqlite3.DatabaseError`` for one that is no good."""
    given.home.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    app = create_app(store, judges)
    lateness.set_delay(store, given.people_delay)
    for base in given.redirect_base:
        clients.register_base(store, base)
    if seeding.begin(store, folder=given.corpus, empty=given.empty) and (left := len(seeding.left_out(store))):
        print(f"{left} things could not be loaded; /_sandbox/left-out lists them.", file=sys.stderr)
    return app


def main() -> int:
    """Run until told to stop; 1 for a home that cannot be used, 2 for arguments that cannot be."""
    given = _arguments()
    if not is_loopback(given.host):
        print(f"The sandbox runs on this machine only; {given.host} is not a loopback address.", file=sys.stderr)
        return 2
    if given.corpus is not None and not given.corpus.is_dir():
        print(f"There is no folder {given.corpus} to load.", file=sys.stderr)
        return 2
    path = given.home / "sandbox.sqlite3"
    try:
        judges = _judges(given)
    except ImportError as error:
        print(f"--strict needs jsonschema-rs ({error}).", file=sys.stderr)
        return 2
    try:
        app = _prepared(given, path, judges)
    except (OSError, sqlite3.DatabaseError) as error:
        print(f"The sandbox cannot use {path} ({error}). Move it away to begin anew.", file=sys.stderr)
        return 1
    config = uvicorn.Config(
        app,
        given.host,
        given.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=STOPPING,
    )
    _Server(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
