"""contacts: list, get, change tracking, create, change, delete, photo."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.microsoft import clock, delta
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.conditions import unchanged_since
from sandbox.microsoft.contacts import render, store
from sandbox.microsoft.contacts.given import merged
from sandbox.microsoft.contacts.render import CONTACT
from sandbox.microsoft.cursors import Cursor
from sandbox.microsoft.errors import GraphError, bad_request
from sandbox.microsoft.filters import order, paths, read
from sandbox.microsoft.matching import holds, known, ordered
from sandbox.microsoft.odata import Shape, check, listing, shape


def index(call: Call) -> Answer:
    """GET /me/contacts: the default folder."""
    return _list(call, store.default_folder(call.store, call.account), "contacts")


def index_in(call: Call, folder: str) -> Answer:
    """GET /me/contactFolders/{id}/contacts."""
    return _list(call, store.folder(call, folder)["id"], f"contactFolders('{folder}')/contacts")


def _list(call: Call, folder: int, context: str) -> Answer:
    check(call, "$select", "$expand", "$filter", "$orderby", "$search", "$top", "$skip", "$count")
    made = shape(call, CONTACT)
    rows = call.store.rows("SELECT * FROM graph_contact WHERE folder = ? ORDER BY id", folder)
    items = [render.contact(call, row, Shape(CONTACT, expand=made.expand)) for row in rows]
    if "$search" in call.query:
        sought = call.query["$search"].strip('"').casefold()
        items = [item for item in items if sought in _searched(item)]
    if "$filter" in call.query:
        node = read(call.query["$filter"])
        known(paths(node), CONTACT)
        items = [item for item in items if holds(node, item)]
    if "$orderby" in call.query:
        by = order(call.query["$orderby"])
        known([path for path, _ in by], CONTACT)
        items = ordered(items, by)
    return listing(call, context, [made.cut(item) for item in items])


def _searched(item: dict[str, Any]) -> str:
    words = [item["displayName"], item["givenName"], item["surname"], item["companyName"]]
    words += [text for one in item["emailAddresses"] for text in (one.get("name"), one.get("address"))]
    return " ".join(word for word in words if word).casefold()


def _one(call: Call, row: sqlite3.Row, status: int = 200) -> Answer:
    made = shape(call, CONTACT) if call.method == "GET" else Shape(CONTACT)
    item = render.contact(call, row, made)
    if status == 200 and call.headers.get("if-none-match") == item["@odata.etag"]:
        return Answer(304)
    return Answer(status, {"@odata.context": call.context("contacts", one=True), **item})


def get(call: Call, contact: str) -> Answer:
    """GET /me/contacts/{id}."""
    check(call, "$select", "$expand")
    return _one(call, store.find(call, contact))


def changes(call: Call) -> Answer:
    """GET /me/contacts/delta: the default folder."""
    return _changes(call, store.default_folder(call.store, call.account), "me/contacts/delta", "contacts")


def changes_in(call: Call, folder: str) -> Answer:
    """GET /me/contactFolders/{id}/contacts/delta."""
    context = f"contactFolders('{folder}')/contacts"
    return _changes(call, store.folder(call, folder)["id"], f"me/{context}/delta", context)


def _changes(call: Call, folder: int, path: str, context: str) -> Answer:
    check(call, "$select", "$top", "$skiptoken", "$deltatoken")

    def walk(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        last = cursor.last[0] if cursor.last else 0
        sql = "SELECT * FROM graph_contact WHERE folder = ? AND id > ? ORDER BY id LIMIT ?"
        return call.store.rows(sql, folder, last, limit)

    def later(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        sql = "SELECT * FROM graph_contact WHERE folder = ? AND changed > ? ORDER BY changed LIMIT ?"
        return call.store.rows(sql, folder, cursor.after, limit)

    def shown(call: Call, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
        made = shape(call, CONTACT)
        return [{"@odata.type": "#microsoft.graph.contact", **render.contact(call, row, made)} for row in rows]

    key = delta.Feed("contact", folder, path, context, ("$select",), walk, lambda row: [row["id"]], later, shown)
    return delta.answer(call, key)


def create(call: Call) -> Answer:
    """POST /me/contacts."""
    return _create(call, store.default_folder(call.store, call.account))


def create_in(call: Call, folder: str) -> Answer:
    """POST /me/contactFolders/{id}/contacts."""
    return _create(call, store.folder(call, folder)["id"])


def _create(call: Call, folder: int) -> Answer:
    check(call)
    fields = merged({}, call.json())
    if not fields.get("displayName"):
        fields["displayName"] = " ".join(fields[n] for n in ("givenName", "surname") if fields.get(n))
    number = store.add(call.store, call.account, folder, fields)
    return _one(call, _row(call, number), 201)


def _row(call: Call, number: int) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM graph_contact WHERE id = ?", number)
    assert row is not None
    return row


def update(call: Call, contact: str) -> Answer:
    """PATCH /me/contacts/{id}."""
    row = store.find(call, contact)
    unchanged_since(call, "contact", row)
    fields = merged(json.loads(row["fields"]), call.json())
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_contact SET fields = ?, modified = ?, version = version + 1, changed = ? WHERE id = ?",
            (
                json.dumps(fields, ensure_ascii=False),
                clock.now(call.store),
                clock.tick(call.store, call.account),
                row["id"],
            ),
        )
    return _one(call, _row(call, row["id"]))


def remove(call: Call, contact: str) -> Answer:
    """DELETE /me/contacts/{id}."""
    row = store.find(call, contact)
    unchanged_since(call, "contact", row)
    with call.store.write() as db:
        clock.gone(call.store, call.account, "contact", row["folder"], row["id"])
        db.execute("DELETE FROM graph_contact WHERE id = ?", (row["id"],))
    return Answer(204)


def photo(call: Call, contact: str) -> Answer:
    """GET …/photo/$value."""
    row = store.find(call, contact)
    if not row["photo"]:
        raise GraphError(404, "ErrorItemNotFound", "The photo wasn't found.")
    png = row["photo"].startswith(b"\x89PNG")
    return Answer(body=row["photo"], content_type="image/png" if png else "image/jpeg")


def set_photo(call: Call, contact: str) -> Answer:
    """PUT …/photo/$value."""
    row = store.find(call, contact)
    if not call.content:
        raise bad_request("The photo is empty.", "ErrorInvalidImage")
    with call.store.write() as db:
        # A photo is an attachment of the contact, so the contact has changed.
        db.execute(
            "UPDATE graph_contact SET photo = ?, modified = ?, version = version + 1, changed = ? WHERE id = ?",
            (call.content, clock.now(call.store), clock.tick(call.store, call.account), row["id"]),
        )
    return Answer(200)
