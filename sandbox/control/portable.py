"""Control calls that take the sandbox's whole state out and put one in: a copy of its SQLite file.

Tokens and keys are in it: a copy goes on where the original was, also for the apps that hold its tokens.
"""

from __future__ import annotations

import sqlite3

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.control.answers import BadCall
from sandbox.store import Store

KIND = "application/vnd.sqlite3"
_MODES = slice(
    18, 20
)  # the header's versions: 1 is a rollback journal, which a file in memory needs (fileformat2.html)


async def export(request: Request) -> Response:
    """GET a copy."""
    store: Store = request.app.state.store
    headers = {"Content-Disposition": 'attachment; filename="sandbox.sqlite3"'}
    return Response(store.twin(), headers=headers, media_type=KIND)


def _opened(data: bytes) -> sqlite3.Connection:
    """The copy as a database in memory. Raises ``BadCall``."""
    copy = sqlite3.connect(":memory:")
    try:
        copy.deserialize(data)
        sound = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        whole = copy.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('account', 'setting')").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadCall(f"The body is not a sandbox's state ({error}).") from error
    if not sound or whole != 2:
        raise BadCall("The body is not a sandbox's state.")
    return copy


async def put_in(request: Request) -> JSONResponse:
    """POST a copy: it takes the place of everything."""
    store: Store = request.app.state.store
    try:
        copy = _opened(await request.body())
    except BadCall as error:
        return error.response()
    store.replace(copy)
    return JSONResponse({})
