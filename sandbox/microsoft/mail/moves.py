"""Moving, copying and deleting messages and folders, with the traces that delta tells of."""

from __future__ import annotations

import sqlite3

from sandbox.accounts import Account
from sandbox.microsoft import clock
from sandbox.microsoft.mail import tree
from sandbox.store import Store


def move(store: Store, account: Account, row: sqlite3.Row, folder: int) -> None:
    """A message to another folder: gone here, new there, its mutable id changed, its immutable one kept."""
    if row["folder"] == folder:
        return
    with store.write() as db:
        clock.gone(store, account, "message", row["folder"], row["id"], row["generation"], moved=True)
        number = clock.tick(store, account)
        db.execute(
            "UPDATE graph_message SET folder = ?, generation = generation + 1, entered = ?, changed = ?, version"
            " = version + 1,"
            " modified = ? WHERE id = ?",
            (folder, number, number, clock.now(store), row["id"]),
        )


def copy(store: Store, account: Account, row: sqlite3.Row, folder: int) -> int:
    """A copy of a message in a folder; returns its row."""
    own = ("id", "folder", "generation", "entered", "changed", "version")
    columns = [name for name in list(row.keys()) if name not in own]
    listed = ", ".join(columns)
    with store.write() as db:
        number = clock.tick(store, account)
        made = db.execute(
            f"INSERT INTO graph_message (folder, entered, changed, {listed}) SELECT ?, ?, ?, {listed} FROM"
            " graph_message WHERE id = ?",
            (folder, number, number, row["id"]),
        ).lastrowid
        assert made is not None
        db.execute(
            "INSERT INTO graph_content SELECT ?, raw, body_type, body, headers FROM graph_content WHERE message = ?",
            (made, row["id"]),
        )
        db.execute(
            "INSERT INTO graph_attachment (message, kind, name, content_type, content_id, inline, size,"
            " modified, content)"
            " SELECT ?, kind, name, content_type, content_id, inline, size, modified, content FROM"
            " graph_attachment WHERE message = ?",
            (made, row["id"]),
        )
    return made


def destroy(store: Store, account: Account, row: sqlite3.Row) -> None:
    """Delete a message for good."""
    with store.write() as db:
        clock.gone(store, account, "message", row["folder"], row["id"], row["generation"])
        db.execute("DELETE FROM graph_message WHERE id = ?", (row["id"],))


def discard(store: Store, account: Account, row: sqlite3.Row) -> None:
    """What DELETE does: to Deleted Items, and from there among the recoverable ones."""
    bin_ = tree.well_known(store, account, "deleteditems")
    target = "recoverableitemsdeletions" if row["folder"] == bin_ else "deleteditems"
    move(store, account, row, tree.well_known(store, account, target))


def below(store: Store, folder: int) -> list[int]:
    """A folder and all under it, parents first."""
    found = [folder]
    for one in found:
        found.extend(row["id"] for row in store.rows("SELECT id FROM graph_folder WHERE parent = ?", one))
    return found


def reparent(store: Store, account: Account, row: sqlite3.Row, parent: int) -> None:
    """A folder under another one. Its id stays."""
    with store.write() as db:
        db.execute(
            "UPDATE graph_folder SET parent = ?, changed = ? WHERE id = ?",
            (parent, clock.tick(store, account), row["id"]),
        )


def destroy_folder(store: Store, account: Account, row: sqlite3.Row) -> None:
    """Delete a folder with all that is in it."""
    with store.write() as db:
        for number in reversed(below(store, row["id"])):
            for message in store.rows("SELECT id, folder, generation FROM graph_message WHERE folder = ?", number):
                destroy(store, account, message)
            clock.gone(store, account, "folder", 0, number)
            db.execute("DELETE FROM graph_folder WHERE id = ?", (number,))


def copy_folder(store: Store, account: Account, row: sqlite3.Row, parent: int) -> int:
    """A copy of a folder with all that is in it; returns its row."""
    with store.write():
        children = store.rows("SELECT * FROM graph_folder WHERE parent = ?", row["id"])
        made = tree.add(store, account, parent, row["name"])
        for message in store.rows("SELECT * FROM graph_message WHERE folder = ?", row["id"]):
            copy(store, account, message, made)
        for child in children:
            copy_folder(store, account, child, made)
    return made
