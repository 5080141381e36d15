"""users.labels: the system's labels, and those that the user makes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.gmail.users import mailbox_of
from sandbox.store import Store

# In the order in which Gmail lists them; hidden ones say so.
SYSTEM = (
    "CHAT",
    "SENT",
    "INBOX",
    "IMPORTANT",
    "TRASH",
    "DRAFT",
    "SPAM",
    "CATEGORY_FORUMS",
    "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_SOCIAL",
    "STARRED",
    "UNREAD",
)
_HIDDEN = {"CHAT", "IMPORTANT", "TRASH", "SPAM", *(x for x in SYSTEM if x.startswith("CATEGORY_"))}
FIXED = {"SENT", "DRAFT", "CHAT"}  # Gmail API, "Manage labels": cannot be applied or removed by hand
COLOURS = frozenset(
    re.findall(
        "#[0-9a-f]{6}",
        """
        #000000 #434343 #666666 #999999 #cccccc #efefef #f3f3f3 #ffffff #fb4c2f #ffad47 #fad165 #16a766 #43d692 #4a86e8
        #a479e2 #f691b3 #f6c5be #ffe6c7 #fef1d1 #b9e4d0 #c6f3de #c9daf8 #e4d7f5 #fcdee8 #efa093 #ffd6a2 #fce8b3 #89d3b2
        #a0eac9 #a4c2f4 #d0bcf1 #fbc8d9 #e66550 #ffbc6b #fcda83 #44b984 #68dfa9 #6d9eeb #b694e8 #f7a7c0 #cc3a21 #eaa041
        #f2c960 #149e60 #3dc789 #3c78d8 #8e63ce #e07798 #ac2b16 #cf8933 #d5ae49 #0b804b #2a9c68 #285bac #653e9b #b65775
        #822111 #a46a21 #aa8831 #076239 #1a764d #1c4587 #41236d #83334c #464646 #e7e7e7 #0d3472 #b6cff5 #0d3b44 #98d7e4
        #3d188e #e3d7ff #711a36 #fbd3e0 #8a1c0a #f2b2a8 #7a2e0b #ffc8af #7a4706 #ffdeb5 #594c05 #fbe983 #684e07 #fdedc1
        #0b4f30 #b3efd3 #04502e #a2dcc1 #c2c2c2 #4986e7 #2da2bb #b99aff #994a64 #f691b2 #ff7537 #ffad46 #662e37 #ebdbde
        #cca6ac #094228 #42d692 #16a765
        """,
    )
)


def create_system(store: Store, account_id: int) -> None:
    """The labels that every mailbox has."""
    for name in SYSTEM:
        hidden = name in _HIDDEN
        store.db.execute(
            "INSERT INTO gmail_label (account_id, id, name, type, list_visibility, message_visibility)"
            " VALUES (?, ?, ?, 'system', ?, ?) ON CONFLICT DO NOTHING",
            (account_id, name, name, "labelHide" if hidden else "", "hide" if hidden else ""),
        )


def create_user(store: Store, account_id: int, name: str, **columns: str) -> str:
    """A label of the user's; one of that name that is there already is returned as it is. The id is the answer."""
    found = store.value("SELECT id FROM gmail_label WHERE account_id = ? AND name = ?", account_id, name)
    if found:
        return str(found)
    ids = store.rows("SELECT id FROM gmail_label WHERE account_id = ? AND type = 'user'", account_id)
    number = 1 + max((int(r["id"].removeprefix("Label_")) for r in ids), default=0)
    store.db.execute(
        "INSERT INTO gmail_label"
        " (account_id, id, name, type, list_visibility, message_visibility, text_color, background_color)"
        " VALUES (?, ?, ?, 'user', ?, ?, ?, ?)",
        (
            account_id,
            f"Label_{number}",
            name,
            columns.get("list_visibility", "labelShow"),
            columns.get("message_visibility", "show"),
            columns.get("text_color", ""),
            columns.get("background_color", ""),
        ),
    )
    return f"Label_{number}"


def check_known(call: Call, labels: Iterable[str], *, changing: bool = True) -> None:
    """Refuse labels that are not there, and where they are to change, those that Gmail keeps to itself."""
    for label in labels:
        there = call.store.value("SELECT 1 FROM gmail_label WHERE account_id = ? AND id = ?", call.account.id, label)
        if not there or (changing and label in FIXED):
            raise invalid_argument(f"Invalid label: {label}")


def _find(call: Call) -> sqlite3.Row:
    mailbox_of(call)
    row = call.store.row("SELECT * FROM gmail_label WHERE account_id = ? AND id = ?", call.account.id, call.path["id"])
    if row is None:
        raise not_found()
    return row


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    out: dict[str, Any] = {"id": row["id"], "name": row["name"]}
    if row["message_visibility"]:
        out["messageListVisibility"] = row["message_visibility"]
    if row["list_visibility"]:
        out["labelListVisibility"] = row["list_visibility"]
    out["type"] = row["type"]
    if row["background_color"]:
        out["color"] = {"textColor": row["text_color"], "backgroundColor": row["background_color"]}
    return out


def list_(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    rows = call.store.rows(
        "SELECT * FROM gmail_label WHERE account_id = ? ORDER BY type, CAST(substr(id, 7) AS INTEGER)", call.account.id
    )
    order = {name: i for i, name in enumerate(SYSTEM)}
    return {"labels": [_shown(r) for r in sorted(rows, key=lambda r: order.get(r["id"], len(order)))]}


def get(call: Call) -> dict[str, Any]:
    row = _find(call)
    counted = call.store.row(
        "SELECT count(*) AS messages, count(DISTINCT m.thread_id) AS threads, count(u.number) AS unread,"
        " count(DISTINCT CASE WHEN u.number IS NOT NULL THEN m.thread_id END) AS unread_threads"
        " FROM gmail_labelling l JOIN gmail_message m ON m.number = l.number"
        " LEFT JOIN gmail_labelling u ON u.number = l.number AND u.label_id = 'UNREAD'"
        " WHERE l.account_id = ? AND l.label_id = ?",
        call.account.id,
        row["id"],
    )
    assert counted is not None
    return _shown(row) | {
        "messagesTotal": counted["messages"],
        "messagesUnread": counted["unread"],
        "threadsTotal": counted["threads"],
        "threadsUnread": counted["unread_threads"],
    }


def _columns(call: Call, *, name_needed: bool) -> dict[str, str]:
    body, columns = call.body, {}
    if body.get("name") is not None:
        columns["name"] = body["name"].strip()
    if name_needed and not columns.get("name"):
        raise invalid_argument("Invalid label name")
    if columns.get("name", "").upper() in SYSTEM:
        raise invalid_argument("Invalid label name")
    if body.get("labelListVisibility"):
        columns["list_visibility"] = body["labelListVisibility"]
    if body.get("messageListVisibility"):
        columns["message_visibility"] = body["messageListVisibility"]
    if body.get("color"):
        columns["text_color"] = body["color"].get("textColor") or ""
        columns["background_color"] = body["color"].get("backgroundColor") or ""
        if not {columns["text_color"], columns["background_color"]} <= COLOURS:
            raise invalid_argument("Label color is not on the allowed color palette")
    return columns


def _refuse_taken(call: Call, name: str, own: str = "") -> None:
    taken = call.store.value("SELECT id FROM gmail_label WHERE account_id = ? AND name = ?", call.account.id, name)
    if taken and taken != own:
        raise GoogleError(409, "aborted", "Label name exists or conflicts", status="ABORTED")


def create(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    columns = _columns(call, name_needed=True)
    name = columns.pop("name")
    _refuse_taken(call, name)
    with call.store.write():
        made = create_user(call.store, call.account.id, name, **columns)
    row = call.store.row("SELECT * FROM gmail_label WHERE account_id = ? AND id = ?", call.account.id, made)
    assert row is not None
    return _shown(row)


def patch(call: Call) -> dict[str, Any]:
    return _change(call, _columns(call, name_needed=False))


def update(call: Call) -> dict[str, Any]:
    whole = {"list_visibility": "labelShow", "message_visibility": "show", "text_color": "", "background_color": ""}
    return _change(call, whole | _columns(call, name_needed=True))


def _change(call: Call, columns: dict[str, str]) -> dict[str, Any]:
    row = _find(call)
    if row["type"] == "system":
        raise invalid_argument("Cannot update system labels")
    if "name" in columns:
        _refuse_taken(call, columns["name"], row["id"])
    with call.store.write() as db:
        for column, value in columns.items():
            db.execute(
                f"UPDATE gmail_label SET {column} = ? WHERE account_id = ? AND id = ?",
                (value, call.account.id, row["id"]),
            )
    return _shown(_find(call))


def delete(call: Call) -> None:
    row = _find(call)
    if row["type"] == "system":
        raise invalid_argument("Invalid delete request")
    mailbox = mailbox_of(call)
    with call.store.write() as db:
        labelled = call.store.rows(
            "SELECT m.* FROM gmail_labelling l JOIN gmail_message m ON m.number = l.number"
            " WHERE l.account_id = ? AND l.label_id = ?",
            call.account.id,
            row["id"],
        )
        for message in labelled:
            mailbox.change(message, remove=[row["id"]])
        db.execute("DELETE FROM gmail_label WHERE account_id = ? AND id = ?", (call.account.id, row["id"]))


TABLE = {
    "gmail.users.labels.list": Row(list_, 1, 1),
    "gmail.users.labels.get": Row(get, 1, 1),
    "gmail.users.labels.create": Row(create, 5, 5),
    "gmail.users.labels.patch": Row(patch, 5, 5),
    "gmail.users.labels.update": Row(update, 5, 5),
    "gmail.users.labels.delete": Row(delete, 5, 5),
}
