"""Reading messages: lists of a folder or of the whole mailbox, one message, its MIME, and the changes of a folder."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.microsoft import delta, ids
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.cursors import Cursor
from sandbox.microsoft.errors import GraphError, bad_request, malformed_id, unknown_item
from sandbox.microsoft.filters import Compare, agree, order, read
from sandbox.microsoft.mail import render, tree
from sandbox.microsoft.odata import check, page, shape, top, whole
from sandbox.microsoft.where import Column, condition, moment, ordering

COLUMNS = {
    "receivedDateTime": Column("received", "time"),
    "sentDateTime": Column("sent", "time"),
    "createdDateTime": Column("created", "time"),
    "lastModifiedDateTime": Column("modified", "time"),
    "isRead": Column("is_read", "bool"),
    "isDraft": Column("is_draft", "bool"),
    "hasAttachments": Column("has_attachments", "bool"),
    "subject": Column("subject"),
    "from/emailAddress/address": Column("sender_address"),
    "from/emailAddress/name": Column("sender_name"),
    "sender/emailAddress/address": Column("sender_address"),
    "sender/emailAddress/name": Column("sender_name"),
    "importance": Column("importance"),
    "inferenceClassification": Column("inference"),
    "flag/flagStatus": Column("flag"),
    "conversationId": Column("conversation"),
    "internetMessageId": Column("internet_message_id"),
    "bodyPreview": Column("preview"),
    "categories": Column("json_extract(fields, '$.categories')", "list"),
}
_SEARCHED = {
    "subject": "subject LIKE ?",
    "from": "(sender_address LIKE ? OR sender_name LIKE ?)",
    "to": "json_extract(fields, '$.toRecipients') LIKE ?",
    "body": "preview LIKE ?",
    "": "(subject LIKE ? OR sender_address LIKE ? OR sender_name LIKE ? OR preview LIKE ?)",
}
SEARCH_CAP = 1000


def find(call: Call, text: str, folder: str = "") -> sqlite3.Row:
    """The message that a request names, by either kind of id; within ``folder`` where one is named."""
    ref = ids.read(call.account, text)
    if ref is None:
        raise malformed_id()
    row = call.store.row("SELECT * FROM graph_message WHERE id = ? AND account = ?", ref.number, call.account.id)
    if ref.kind != "message" or row is None or (not ref.immutable and ref.extra != row["generation"]):
        raise unknown_item()
    if folder and tree.find(call, folder)["id"] != row["folder"]:
        raise unknown_item()
    return row


def everywhere(call: Call) -> Answer:
    """GET /me/messages: the whole mailbox."""
    return _list(call, "account = ?", call.account.id, "messages")


def index(call: Call, folder: str) -> Answer:
    """GET /me/mailFolders/{id}/messages."""
    return _list(call, "folder = ?", tree.find(call, folder)["id"], f"mailFolders('{folder}')/messages")


def _list(call: Call, scope: str, number: int, context: str) -> Answer:
    check(call, "$select", "$expand", "$filter", "$orderby", "$search", "$top", "$skip", "$count", "$skiptoken")
    made = shape(call, render.MESSAGE)
    terms, arguments, by = [scope], [number], "received DESC, id DESC"
    values: list[Any] = list(arguments)
    size, skip = top(call), whole(call, "$skip", 0, 0)
    if "$search" in call.query:
        if "$filter" in call.query or "$orderby" in call.query:
            raise bad_request(
                "The query option $search cannot be combined with $filter or $orderby.", "SearchWithOrderBy"
            )
        sql, found = _search(call.query["$search"])
        terms.append(sql)
        values += found
    node = read(call.query["$filter"]) if "$filter" in call.query else None
    if node is not None:
        sql, found = condition(node, COLUMNS, "message")
        terms.append(sql)
        values += found
    if "$orderby" in call.query:
        wanted = order(call.query["$orderby"])
        agree(node, wanted)
        by = ordering(wanted, COLUMNS, "message")
    where = " AND ".join(terms)
    total = (
        call.store.value(f"SELECT COUNT(*) FROM graph_message WHERE {where}", *values)
        if "$count" in call.query
        else None
    )
    sql = f"SELECT * FROM graph_message WHERE {where} ORDER BY {by} LIMIT ? OFFSET ?"
    rows = call.store.rows(sql, *values, size + 1, skip)
    capped = "$search" in call.query and skip + size >= SEARCH_CAP
    items = render.messages(call, rows[:size], made)
    return page(call, context, items, more=len(rows) > size and not capped, size=size, total=total)


def _search(text: str) -> tuple[str, list[str]]:
    """The simple part of KQL: words that must all occur, each perhaps with the property it is sought in."""
    terms, values = [], []
    for word in text.strip().strip('"').replace(" AND ", " ").split():
        name, colon, sought = word.partition(":")
        sql = _SEARCHED.get(name.lower() if colon else "", "")
        if not sql:
            raise bad_request(f"The property '{name}' cannot be searched.", "ErrorInvalidSearchQuery")
        terms.append(sql)
        values += ["%" + (sought if colon else word).strip('"') + "%"] * sql.count("?")
    if not terms:
        raise bad_request("The query option $search is empty.", "ErrorInvalidSearchQuery")
    return "(" + " AND ".join(terms) + ")", values


def get(call: Call, message: str) -> Answer:
    """GET /me/messages/{id}."""
    return one(call, find(call, message))


def get_in(call: Call, folder: str, message: str) -> Answer:
    return one(call, find(call, message, folder))


def one(call: Call, row: sqlite3.Row, status: int = 200) -> Answer:
    """A message as an answer of its own."""
    check(call, "$select", "$expand")
    item = render.message(call, row, shape(call, render.MESSAGE))
    if call.headers.get("if-none-match") == item["@odata.etag"]:
        return Answer(304)
    return Answer(status, {"@odata.context": call.context("messages", one=True), **item})


def by_row(call: Call, number: int, status: int) -> Answer:
    """The message of a row, after a write."""
    row = call.store.row("SELECT * FROM graph_message WHERE id = ?", number)
    assert row is not None
    return one(call, row, status)


def changes(call: Call, folder: str) -> Answer:
    """GET /me/mailFolders/{id}/messages/delta ("message: delta"), newest first."""
    allowed = ("$select", "$expand", "$filter", "$orderby", "$top", "$skiptoken", "$deltatoken")
    check(call, *allowed)
    number = tree.find(call, folder)["id"]
    if call.query.get("changeType", "created") not in ("created", "updated", "deleted"):
        raise bad_request("changeType must be created, updated or deleted.", "ErrorInvalidUrlQuery")
    shape(call, render.MESSAGE)
    _since(call.query)
    if call.query.get("$orderby", "receivedDateTime desc") != "receivedDateTime desc":
        raise bad_request("Change tracking of messages orders by receivedDateTime desc only.", "ErrorInvalidUrlQuery")

    def walk(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        sql, arguments = _since(cursor.options)
        if cursor.last:
            sql += " AND (received, id) < (?, ?)"
            arguments += cursor.last
        sql = f"SELECT * FROM graph_message WHERE folder = ? AND {sql} ORDER BY received DESC, id DESC LIMIT ?"
        return call.store.rows(sql, number, *arguments, limit)

    def later(cursor: Cursor, limit: int) -> list[sqlite3.Row]:
        sql, arguments = _since(cursor.options)
        kind = cursor.options.get("changeType", "")
        if kind:
            sql += " AND entered > ?" if kind == "created" else " AND entered <= ?"
            arguments.append(cursor.after)
        sql = f"SELECT * FROM graph_message WHERE folder = ? AND changed > ? AND {sql} ORDER BY changed LIMIT ?"
        return call.store.rows(sql, number, cursor.after, *arguments, limit)

    def shown(call: Call, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
        items = render.messages(call, rows, shape(call, render.MESSAGE))
        return [{"@odata.type": "#microsoft.graph.message", **item} for item in items]

    feed = delta.Feed(
        "message",
        number,
        f"me/mailFolders('{folder}')/messages/delta",
        f"mailFolders('{folder}')/messages",
        ("$select", "$expand", "$filter", "$orderby", "changeType"),
        walk,
        lambda row: [row["received"], row["id"]],
        later,
        shown,
    )
    return delta.answer(call, feed)


def _since(options: dict[str, str]) -> tuple[str, list[Any]]:
    """The one filter that message delta takes: receivedDateTime ge or gt."""
    if "$filter" not in options:
        return "1", []
    node = read(options["$filter"])
    if not isinstance(node, Compare) or node.path != "receivedDateTime" or node.operator not in ("ge", "gt"):
        raise GraphError(
            400, "ErrorInvalidUrlQueryFilter", "Change tracking filters by receivedDateTime ge or gt only."
        )
    return f"received {'>=' if node.operator == 'ge' else '>'} ?", [moment(str(node.value))]
