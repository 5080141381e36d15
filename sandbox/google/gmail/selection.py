"""Which messages a list is about: labels, query, spam and trash, as messages, threads and drafts share them."""

from __future__ import annotations

from typing import Any

from sandbox.google import opaque
from sandbox.google.calls import Call
from sandbox.google.errors import GoogleError, invalid_argument
from sandbox.google.gmail.labels import check_known
from sandbox.google.gmail.search import Search

METADATA = "https://www.googleapis.com/auth/gmail.metadata"
_BODIES = frozenset(
    "https://www.googleapis.com/auth/" + name
    for name in ("gmail.modify", "gmail.readonly", "gmail.compose", "gmail.insert")
) | {"https://mail.google.com/"}
MOST = 500


def metadata_only(call: Call) -> bool:
    """Whether the token may see headers and labels but no content."""
    return METADATA in call.caller.scopes and not call.caller.scopes & _BODIES


def page_size(call: Call) -> int:
    """``maxResults``, which Gmail cuts at 500 without a word."""
    wanted = int(call.query["maxResults"])
    if wanted == 0:
        raise invalid_argument("Invalid maxResults")
    return min(wanted, MOST)


def position(call: Call, kind: str) -> list[Any] | None:
    """Where the page token continues, if there is one; it belongs to the same list and filters."""
    token = call.query.get("pageToken")
    if not token:
        return None
    try:
        value = opaque.unseal("gmail.page", token)
    except ValueError:
        raise invalid_argument("Invalid pageToken") from None
    if value[0] != kind or value[1] != call.account.id or value[2] != _filters(call):
        raise invalid_argument("Invalid pageToken")
    place: list[Any] = value[3]
    return place


def next_page(call: Call, kind: str, place: list[Any]) -> str:
    return opaque.seal("gmail.page", [kind, call.account.id, _filters(call), place])


def _filters(call: Call) -> list[Any]:
    return [
        call.query.get(name)
        for name in ("q", "labelIds", "includeSpamTrash", "startHistoryId", "labelId", "historyTypes")
    ]


def conditions(call: Call) -> tuple[str, list[Any]]:
    """SQL for a FROM clause with the alias ``m`` and everything after it, and its values."""
    labels = call.query.get("labelIds", [])
    query = call.query.get("q", "")
    check_known(call, labels, changing=False)
    if query and metadata_only(call):
        raise GoogleError(403, "forbidden", "Metadata scope does not support 'q' parameter")
    source, values = "gmail_message m", []
    for i, label in enumerate(labels):
        source += f" JOIN gmail_labelling l{i} ON l{i}.number = m.number AND l{i}.label_id = ?"
        values.append(label)
    where = "m.account_id = ?"
    values.append(call.account.id)
    search = Search(call.account, query, call.store.now())
    if query:
        sql, more = search.condition()
        where, values = f"{where} AND {sql}", values + more
    if not call.query.get("includeSpamTrash") and not {"SPAM", "TRASH"} & set(labels) and not search.everywhere:
        hidden = "SELECT 1 FROM gmail_labelling x WHERE x.number = m.number AND x.label_id IN ('SPAM', 'TRASH')"
        where += f" AND NOT EXISTS ({hidden})"
    return f"{source} WHERE {where}", values
