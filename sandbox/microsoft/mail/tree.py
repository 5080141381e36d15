"""A mailbox's folders as rows: the well-known ones, those of the user, and how a request names them.

Well-known names stand for ids in every path and in any language ("mailFolder resource type").
"""

from __future__ import annotations

import sqlite3

from sandbox.accounts import Account
from sandbox.microsoft import clock, ids
from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import bad_request, malformed_id, unknown_item
from sandbox.store import Store

ROOT = "msgfolderroot"
VISIBLE = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "archive": "Archive",
    "outbox": "Outbox",
    "conversationhistory": "Conversation History",
}
HIDDEN = {
    "clutter": "Clutter",
    "syncissues": "Sync Issues",
    "conflicts": "Conflicts",
    "localfailures": "Local Failures",
    "serverfailures": "Server Failures",
    "scheduled": "Scheduled",
    "searchfolders": "Finder",
    "recoverableitemsdeletions": "Deletions",
}
WELL_KNOWN = {ROOT, *VISIBLE, *HIDDEN}


def create_all(store: Store, account: Account) -> None:
    """The folders that every mailbox has."""
    root = add(store, account, 0, "Top of Information Store", well_known=ROOT)
    for name, shown in VISIBLE.items():
        add(store, account, root, shown, well_known=name)
    for name, shown in HIDDEN.items():
        add(store, account, root, shown, well_known=name, hidden=True)


def add(store: Store, account: Account, parent: int, name: str, *, well_known: str = "", hidden: bool = False) -> int:
    """A new folder; returns its row."""
    with store.write() as db:
        made = db.execute(
            "INSERT INTO graph_folder (account, parent, name, well_known, hidden, changed) VALUES (?, ?, ?, ?, ?, ?)",
            (account.id, parent, name, well_known, hidden, clock.tick(store, account)),
        ).lastrowid
    assert made is not None
    return made


def well_known(store: Store, account: Account, name: str) -> int:
    """The row of a well-known folder."""
    return int(store.value("SELECT id FROM graph_folder WHERE account = ? AND well_known = ?", account.id, name))


def named(store: Store, account: Account, name: str) -> int:
    """The user's folder of this name under the root, made if it is not there."""
    root = well_known(store, account, ROOT)
    found = store.value(
        "SELECT id FROM graph_folder WHERE account = ? AND parent = ? AND name = ? COLLATE NOCASE",
        account.id,
        root,
        name,
    )
    return int(found) if found is not None else add(store, account, root, name)


def find(call: Call, text: str) -> sqlite3.Row:
    """The folder that a request names by id or well-known name."""
    if text.lower() in WELL_KNOWN:
        number = well_known(call.store, call.account, text.lower())
    else:
        ref = ids.read(call.account, text)
        if ref is None:
            raise malformed_id()
        if ref.kind != "folder":
            raise unknown_item()
        number = ref.number
    row = call.store.row("SELECT * FROM graph_folder WHERE id = ? AND account = ?", number, call.account.id)
    if row is None:
        raise unknown_item()
    return row


def destination(call: Call) -> sqlite3.Row:
    """The folder that a move or copy names as its destinationId."""
    target = call.argument(call.json(), "destinationId")
    if not isinstance(target, str) or not target:
        raise bad_request("The parameter destinationId is missing.", "ErrorInvalidRequest")
    return find(call, target)


def identifier(account: Account, number: int) -> str:
    return ids.make(account, "folder", number)
