"""Contacts and their folders as rows, and how a request names them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import clock, ids
from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import malformed_id, unknown_item
from sandbox.store import Store


def add_folder(store: Store, account: Account, name: str, parent: int = 0, *, default: bool = False) -> int:
    """A new folder; returns its row."""
    with store.write() as db:
        made = db.execute(
            "INSERT INTO graph_contact_folder (account, parent, name, is_default, changed) VALUES (?, ?, ?, ?, ?)",
            (account.id, parent, name, default, clock.tick(store, account)),
        ).lastrowid
    assert made is not None
    return made


def default_folder(store: Store, account: Account) -> int:
    """The row of "Contacts"."""
    return int(store.value("SELECT id FROM graph_contact_folder WHERE account = ? AND is_default", account.id))


def add(store: Store, account: Account, folder: int, fields: dict[str, Any], photo: bytes = b"") -> int:
    """A new contact; returns its row."""
    with store.write() as db:
        now = clock.now(store)
        made = db.execute(
            "INSERT INTO graph_contact (account, folder, changed, created, modified, fields, photo)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                account.id,
                folder,
                clock.tick(store, account),
                now,
                now,
                json.dumps(fields, ensure_ascii=False),
                photo,
            ),
        ).lastrowid
    assert made is not None
    return made


def find(call: Call, text: str) -> sqlite3.Row:
    """The contact that a request names."""
    return _row(call, text, "contact", "graph_contact")


def folder(call: Call, text: str) -> sqlite3.Row:
    """The contact folder that a request names; ``contacts`` is the default one."""
    if text.lower() == "contacts":
        text = ids.make(call.account, "contactFolder", default_folder(call.store, call.account))
    return _row(call, text, "contactFolder", "graph_contact_folder")


def _row(call: Call, text: str, kind: str, table: str) -> sqlite3.Row:
    ref = ids.read(call.account, text)
    if ref is None:
        raise malformed_id()
    row = call.store.row(f"SELECT * FROM {table} WHERE id = ? AND account = ?", ref.number, call.account.id)
    if ref.kind != kind or row is None:
        raise unknown_item()
    return row
