"""contactFolders: list, get, children, change tracking, create, rename, delete. "Contacts" itself is in no list."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.microsoft import clock, delta
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.contacts import render, store
from sandbox.microsoft.contacts.render import FOLDER
from sandbox.microsoft.cursors import Cursor
from sandbox.microsoft.errors import GraphError, bad_request, invalid_property
from sandbox.microsoft.odata import Shape, check, listing, shape


def index(call: Call) -> Answer:
    """GET /me/contactFolders."""
    return _list(call, store.default_folder(call.store, call.account), "contactFolders")


def children(call: Call, folder: str) -> Answer:
    """GET …/childFolders."""
    return _list(call, store.folder(call, folder)["id"], f"contactFolders('{folder}')/childFolders")


def _list(call: Call, parent: int, context: str) -> Answer:
    check(call, "$select", "$expand", "$top", "$skip", "$count")
    made = shape(call, FOLDER)
    rows = call.store.rows(
        "SELECT * FROM graph_contact_folder WHERE account = ? AND parent = ?", call.account.id, parent
    )
    return listing(call, context, [render.folder(call, row, made) for row in rows])


def get(call: Call, folder: str) -> Answer:
    """GET /me/contactFolders/{id}."""
    check(call, "$select", "$expand")
    return _one(call, store.folder(call, folder)["id"])


def _one(call: Call, number: int, status: int = 200) -> Answer:
    row = call.store.row("SELECT * FROM graph_contact_folder WHERE id = ?", number)
    assert row is not None
    made = shape(call, FOLDER) if call.method == "GET" else Shape(FOLDER)
    return Answer(
        status, {"@odata.context": call.context("contactFolders", one=True), **render.folder(call, row, made)}
    )


def changes(call: Call) -> Answer:
    """GET /me/contactFolders/delta."""
    check(call, "$select", "$top", "$skiptoken", "$deltatoken")
    base = "SELECT * FROM graph_contact_folder WHERE account = ? AND NOT is_default AND"

    def walk(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        last = cursor.last[0] if cursor.last else 0
        return call.store.rows(f"{base} id > ? ORDER BY id LIMIT ?", call.account.id, last, limit)

    def later(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        return call.store.rows(f"{base} changed > ? ORDER BY changed LIMIT ?", call.account.id, cursor.after, limit)

    def shown(call: Call, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
        made = shape(call, FOLDER)
        return [{"@odata.type": "#microsoft.graph.contactFolder", **render.folder(call, row, made)} for row in rows]

    path = "me/contactFolders/delta"
    feed = delta.Feed("contactFolder", 0, path, "contactFolders", ("$select",), walk, lambda r: [r["id"]], later, shown)
    return delta.answer(call, feed)


def _name(call: Call) -> str:
    body = call.json()
    for key in body:
        if key != "displayName" and "@" not in key:
            raise invalid_property(key, "contactFolder")
    name = body.get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise bad_request("A folder needs a displayName.", "ErrorInvalidRequest")
    return name


def _free(call: Call, parent: int, name: str) -> None:
    sql = "SELECT 1 FROM graph_contact_folder WHERE account = ? AND parent = ? AND name = ? COLLATE NOCASE"
    if call.store.value(sql, call.account.id, parent, name):
        raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")


def create(call: Call) -> Answer:
    """POST /me/contactFolders."""
    return _create(call, store.default_folder(call.store, call.account))


def create_child(call: Call, folder: str) -> Answer:
    """POST …/childFolders."""
    return _create(call, store.folder(call, folder)["id"])


def _create(call: Call, parent: int) -> Answer:
    name = _name(call)
    _free(call, parent, name)
    return _one(call, store.add_folder(call.store, call.account, name, parent), 201)


def _own(call: Call, folder: str) -> sqlite3.Row:
    row = store.folder(call, folder)
    if row["is_default"]:
        raise GraphError(403, "ErrorAccessDenied", "The default contacts folder stays as it is.")
    return row


def rename(call: Call, folder: str) -> Answer:
    """PATCH /me/contactFolders/{id}."""
    row, name = _own(call, folder), _name(call)
    _free(call, row["parent"], name)
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_contact_folder SET name = ?, changed = ? WHERE id = ?",
            (name, clock.tick(call.store, call.account), row["id"]),
        )
    return _one(call, row["id"])


def remove(call: Call, folder: str) -> Answer:
    """DELETE a folder with all in it."""
    _remove(call, _own(call, folder)["id"])
    return Answer(204)


def _remove(call: Call, number: int) -> None:
    for child in call.store.rows("SELECT id FROM graph_contact_folder WHERE parent = ?", number):
        _remove(call, child["id"])
    with call.store.write() as db:
        for row in call.store.rows("SELECT id FROM graph_contact WHERE folder = ?", number):
            clock.gone(call.store, call.account, "contact", number, row["id"])
        clock.gone(call.store, call.account, "contactFolder", 0, number)
        db.execute("DELETE FROM graph_contact_folder WHERE id = ?", (number,))
