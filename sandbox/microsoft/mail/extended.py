"""singleValueExtendedProperties of a message: those a client stored, and the MAPI ones that mail clients read.

"singleValueLegacyExtendedProperty": ids such as ``Integer 0x0E08`` (size), asked for by $expand with a $filter on id.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.filters import Both, Compare, Node, read


def single_values(call: Call, row: sqlite3.Row, fields: dict[str, Any], condition: str) -> list[dict[str, str]]:
    """The properties that the filter names and the message has."""
    if not condition:
        raise bad_request("Extended properties are expanded with a $filter on their id.", "ErrorInvalidUrlQueryFilter")
    found = []
    for wanted in _wanted(read(condition)):
        stored = {p["id"].lower(): p["value"] for p in fields.get("extended", [])}
        value = stored.get(wanted.lower(), _mapi(call, row, wanted))
        if value:
            found.append({"id": wanted, "value": value})
    return found


def _wanted(node: Node) -> list[str]:
    if isinstance(node, Both) and node.either:
        return _wanted(node.left) + _wanted(node.right)
    if isinstance(node, Compare) and (node.path, node.operator) == ("id", "eq") and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, Both) and isinstance(node.left, Compare) and node.left.path == "id":
        return _wanted(node.left)
    raise bad_request("Extended properties are filtered by id eq.", "ErrorInvalidUrlQueryFilter")


def _mapi(call: Call, row: sqlite3.Row, name: str) -> str:
    _, _, tag = name.partition(" ")
    try:
        number = int(tag, 16)
    except ValueError:
        return ""
    if number == 0x0E08:
        return str(row["size"])
    if number == 0x1035:
        return str(row["internet_message_id"])
    if number in (0x1039, 0x1042, 0x007D):
        text = call.store.value("SELECT headers FROM graph_content WHERE message = ?", row["id"])
        headers = json.loads(text or "[]")
        if number == 0x007D:
            return "".join(f"{n}: {v}\r\n" for n, v in headers)
        sought = "references" if number == 0x1039 else "in-reply-to"
        return next((str(v) for n, v in headers if n.lower() == sought), "")
    return ""
