"""Change tracking over a table whose rows carry the number of their last change: messages, folders, contacts.

A first round walks what is there; then rounds tell what changed and what left, in the order of the changes. Links
are in key form on the host that was asked. Calendar views, whose items are computed, have a round of their own in
``calendar.delta``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.microsoft import cursors, odata
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.cursors import Cursor

FILTER_CAP = 5000


@dataclass(frozen=True, slots=True)
class Feed:
    """What is tracked.

    ``walk(cursor, limit)`` gives rows after ``cursor.last``; ``key(row)`` says where a row stands in the walk;
    ``changes(cursor, limit)`` gives rows changed after ``cursor.after``, oldest change first; ``show`` renders rows.
    """

    kind: str
    container: int
    path: str
    context: str
    options: tuple[str, ...]
    walk: Callable[[Cursor, int], list[sqlite3.Row]]
    key: Callable[[sqlite3.Row], list[Any]]
    changes: Callable[[Cursor, int], list[sqlite3.Row]]
    show: Callable[[Call, list[sqlite3.Row]], list[dict[str, Any]]]


def answer(call: Call, feed: Feed) -> Answer:
    """One page of a round."""
    cursor = cursors.resume(call, feed.kind, feed.container, feed.path)
    if cursor is None:
        cursor = cursors.begin(call, feed.kind, feed.container, *feed.options)
        if "$top" in call.query:
            cursor.options["$top"] = call.query["$top"]
    call.query = {**cursor.options, **{k: v for k, v in call.query.items() if k in ("$skiptoken", "$deltatoken")}}
    size = odata.top(call)
    items, more = _walk(call, feed, cursor, size) if cursor.mark is not None else _changes(call, feed, cursor, size)
    body: dict[str, Any] = {"@odata.context": call.context(feed.context), "value": items}
    if more:
        body["@odata.nextLink"] = cursors.next_link(call, feed.path, cursor)
    else:
        body["@odata.deltaLink"] = cursors.delta_link(call, feed.path, cursor)
    return Answer(body=body)


def _walk(call: Call, feed: Feed, cursor: Cursor, size: int) -> tuple[list[dict[str, Any]], bool]:
    if "$filter" in cursor.options:
        size = min(size, FILTER_CAP - cursor.told)
    rows = feed.walk(cursor, size + 1)
    page = rows[:size]
    cursor.told += len(page)
    if page:
        cursor.last = feed.key(page[-1])
    more = len(rows) > size and not ("$filter" in cursor.options and cursor.told >= FILTER_CAP)
    if not more:
        assert cursor.mark is not None
        cursor.after, cursor.mark, cursor.last = cursor.mark, None, []
    return feed.show(call, page), more


def left(call: Call, kind: str, container: int, after: int, limit: int) -> list[sqlite3.Row]:
    """What left a container after a change, oldest first."""
    return call.store.rows(
        "SELECT * FROM graph_gone WHERE account = ? AND kind = ? AND container = ? AND seq > ? ORDER BY seq LIMIT ?",
        call.account.id,
        kind,
        container,
        after,
        limit,
    )


def removed(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """The entry for something that left."""
    return {"id": row["immutable_id" if call.immutable else "rest_id"], "@removed": {"reason": row["reason"]}}


def _changes(call: Call, feed: Feed, cursor: Cursor, size: int) -> tuple[list[dict[str, Any]], bool]:
    kind = cursor.options.get("changeType", "")
    rows = feed.changes(cursor, size + 1) if kind != "deleted" else []
    gone = left(call, feed.kind, feed.container, cursor.after, size + 1) if kind in ("", "deleted") else []
    entries: list[tuple[int, dict[str, Any]]] = [(row["seq"], removed(call, row)) for row in gone]
    entries += zip((row["changed"] for row in rows), feed.show(call, rows), strict=True)
    entries.sort(key=lambda entry: entry[0])
    page = entries[:size]
    if page:
        cursor.after = page[-1][0]
    return [item for _, item in page], len(entries) > size
