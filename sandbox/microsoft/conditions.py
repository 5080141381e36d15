"""If-Match: a write that goes through only while the item is as the caller knows it."""

from __future__ import annotations

import sqlite3

from sandbox.microsoft import ids
from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import GraphError


def unchanged_since(call: Call, kind: str, row: sqlite3.Row) -> None:
    """Hold If-Match against an item's changeKey; 412 where another change came first."""
    wanted = call.headers.get("if-match", "*").strip()
    if wanted != "*" and wanted.removeprefix("W/").strip('"') != ids.change_key(kind, row["id"], row["version"]):
        raise GraphError(
            412,
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed in the request does not"
            " match the current change key for the item.",
        )
