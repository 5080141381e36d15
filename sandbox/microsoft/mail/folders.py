"""mailFolders: list, get, children, delta, create, rename, move, copy, delete. v1.0 shows no well-known names."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.microsoft import clock, delta
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.cursors import Cursor
from sandbox.microsoft.errors import GraphError, bad_request, invalid_property
from sandbox.microsoft.filters import order, paths, read
from sandbox.microsoft.mail import moves, tree
from sandbox.microsoft.matching import holds, known, ordered
from sandbox.microsoft.odata import Entity, Shape, check, listing, shape

FOLDER = Entity(
    "mailFolder",
    frozenset(
        [
            "id",
            "displayName",
            "parentFolderId",
            "childFolderCount",
            "unreadItemCount",
            "totalItemCount",
            "sizeInBytes",
            "isHidden",
        ]
    ),
    links=frozenset(
        {"childFolders", "messages", "messageRules", "singleValueExtendedProperties", "multiValueExtendedProperties"}
    ),
)
_LIST = ("$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken")


def show(call: Call, rows: list[sqlite3.Row], made: Shape) -> list[dict[str, Any]]:
    """Folders with their counts."""
    return [made.cut(_whole(call, row, made)) for row in rows]


def _whole(call: Call, row: sqlite3.Row, made: Shape) -> dict[str, Any]:
    number = row["id"]
    item: dict[str, Any] = {
        "id": tree.identifier(call.account, number),
        "displayName": row["name"],
        "parentFolderId": tree.identifier(call.account, row["parent"] or number),
        "childFolderCount": call.store.value(
            "SELECT COUNT(*) FROM graph_folder WHERE account = ? AND parent = ? AND NOT hidden", call.account.id, number
        ),
        "unreadItemCount": call.store.value(
            "SELECT COUNT(*) FROM graph_message WHERE folder = ? AND NOT is_read", number
        ),
        "totalItemCount": call.store.value("SELECT COUNT(*) FROM graph_message WHERE folder = ?", number),
        "isHidden": bool(row["hidden"]),
    }
    if made.wants("sizeInBytes"):
        item["sizeInBytes"] = call.store.value(
            "SELECT COALESCE(SUM(size), 0) FROM graph_message WHERE folder = ?", number
        )
    for name in made.expand:
        item[name] = show(call, _children(call, number), Shape(FOLDER)) if name == "childFolders" else []
    return item


def _children(call: Call, parent: int) -> list[sqlite3.Row]:
    hidden = call.query.get("includeHiddenFolders", "false") == "true"
    return call.store.rows(
        "SELECT * FROM graph_folder WHERE account = ? AND parent = ? AND (? OR NOT hidden) ORDER BY name COLLATE"
        " NOCASE",
        call.account.id,
        parent,
        hidden,
    )


def _list(call: Call, parent: int, context: str) -> Answer:
    check(call, *_LIST)
    made = shape(call, FOLDER)
    items = show(call, _children(call, parent), Shape(FOLDER, expand=made.expand))
    if "$filter" in call.query:
        node = read(call.query["$filter"])
        known(paths(node), FOLDER)
        items = [item for item in items if holds(node, item)]
    if "$orderby" in call.query:
        by = order(call.query["$orderby"])
        known([path for path, _ in by], FOLDER)
        items = ordered(items, by)
    return listing(call, context, [made.cut(item) for item in items])


def index(call: Call) -> Answer:
    """GET /me/mailFolders: the folders under the root."""
    return _list(call, tree.well_known(call.store, call.account, tree.ROOT), "mailFolders")


def children(call: Call, folder: str) -> Answer:
    row = tree.find(call, folder)
    return _list(call, row["id"], f"mailFolders('{folder}')/childFolders")


def get(call: Call, folder: str) -> Answer:
    check(call, "$select", "$expand")
    return _one(call, tree.find(call, folder)["id"])


def _one(call: Call, number: int, status: int = 200) -> Answer:
    row = call.store.row("SELECT * FROM graph_folder WHERE id = ?", number)
    assert row is not None
    made = shape(call, FOLDER) if call.method == "GET" else Shape(FOLDER)
    body = {"@odata.context": call.context("mailFolders", one=True), **show(call, [row], made)[0]}
    return Answer(status, body)


def changes(call: Call) -> Answer:
    """GET /me/mailFolders/delta: all levels in one flat list."""
    check(call, "$select", "$expand", "$top", "$skiptoken", "$deltatoken")
    root = tree.well_known(call.store, call.account, tree.ROOT)

    def walk(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        return _flat(call, root, cursor, "id > ? ORDER BY id LIMIT ?", cursor.last[0] if cursor.last else 0, limit)

    def later(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        return _flat(call, root, cursor, "changed > ? ORDER BY changed LIMIT ?", cursor.after, limit)

    def shown(call: Call, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
        items = show(call, rows, shape(call, FOLDER))
        return [{"@odata.type": "#microsoft.graph.mailFolder", **item} for item in items]

    options = ("$select", "$expand", "includeHiddenFolders")
    feed = delta.Feed(
        "folder", 0, "me/mailFolders/delta", "mailFolders", options, walk, lambda r: [r["id"]], later, shown
    )
    return delta.answer(call, feed)


def _flat(call: Call, root: int, cursor: Cursor, rest: str, *arguments: Any) -> list[sqlite3.Row]:
    hidden = cursor.options.get("includeHiddenFolders", "false") == "true"
    sql = f"SELECT * FROM graph_folder WHERE account = ? AND id <> ? AND (? OR NOT hidden) AND {rest}"
    return call.store.rows(sql, call.account.id, root, hidden, *arguments)


# Writes ------------------------------------------------------------------------------------------------------------


def _name(call: Call, *allowed: str) -> str:
    body = call.json()
    for key in body:
        if key not in ("displayName", *allowed) and "@" not in key:
            raise invalid_property(key, "mailFolder")
    name = body.get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("A folder needs a displayName.", "ErrorInvalidRequest")
    return name


def _free(call: Call, parent: int, name: str) -> None:
    """Refuse a name that the parent has already."""
    sql = "SELECT 1 FROM graph_folder WHERE account = ? AND parent = ? AND name = ? COLLATE NOCASE"
    if call.store.value(sql, call.account.id, parent, name):
        raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")


def create(call: Call) -> Answer:
    """POST /me/mailFolders."""
    return _create(call, tree.well_known(call.store, call.account, tree.ROOT))


def create_child(call: Call, folder: str) -> Answer:
    return _create(call, tree.find(call, folder)["id"])


def _create(call: Call, parent: int) -> Answer:
    name = _name(call, "isHidden")
    _free(call, parent, name)
    hidden = call.json().get("isHidden") is True
    return _one(call, tree.add(call.store, call.account, parent, name, hidden=hidden), 201)


def rename(call: Call, folder: str) -> Answer:
    row, name = tree.find(call, folder), _name(call)
    if row["well_known"]:
        raise GraphError(403, "ErrorAccessDenied", "A distinguished folder cannot be renamed.")
    _free(call, row["parent"], name)
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_folder SET name = ?, changed = ? WHERE id = ?",
            (name, clock.tick(call.store, call.account), row["id"]),
        )
    return _one(call, row["id"])


def remove(call: Call, folder: str) -> Answer:
    """DELETE: to Deleted Items, and for good from there."""
    row = tree.find(call, folder)
    if row["well_known"]:
        raise GraphError(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
    bin_ = tree.well_known(call.store, call.account, "deleteditems")
    if row["parent"] == bin_:
        moves.destroy_folder(call.store, call.account, row)
    else:
        moves.reparent(call.store, call.account, row, bin_)
    return Answer(204)


def destroy(call: Call, folder: str) -> Answer:
    """POST …/permanentDelete."""
    row = tree.find(call, folder)
    if row["well_known"]:
        raise GraphError(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
    moves.destroy_folder(call.store, call.account, row)
    return Answer(204)


def move(call: Call, folder: str) -> Answer:
    row, target = tree.find(call, folder), tree.destination(call)
    if row["well_known"]:
        raise GraphError(403, "ErrorMoveDistinguishedFolder", "Distinguished folders cannot be moved.")
    if target["id"] in moves.below(call.store, row["id"]):
        raise bad_request("A folder cannot be moved into itself.", "ErrorMoveCopyFailed")
    _free(call, target["id"], row["name"])
    moves.reparent(call.store, call.account, row, target["id"])
    return _one(call, row["id"])


def copy(call: Call, folder: str) -> Answer:
    row, target = tree.find(call, folder), tree.destination(call)
    _free(call, target["id"], row["name"])
    return _one(call, moves.copy_folder(call.store, call.account, row, target["id"]))
