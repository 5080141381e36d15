"""Following a mailbox at a scripted Google: cursors, what a page comes to, and what is too old."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integrations.errors import CursorExpired, NotFound, PermanentFailure, RateLimited, Unauthorized
from integrations.providers.base import Session
from integrations.providers.google.provider import provider
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    MailDelta,
    MailRecord,
    Operation,
    Page,
    Service,
)
from tests.providers.wire import Asked, Said, Wire, said_json

PART = re.compile(rb"Content-ID: <([^>]+)>\r\n\r\nGET /gmail/v1/users/me/messages/(\w+)\?\S*format=full\S* HTTP/1.1")
MAILBOX = CollectionRecord(Service.MAIL, "mailbox", "Mailbox")


def gmail(routes: dict[str, Callable[[Asked], object]], gone: frozenset[str] = frozenset()) -> Callable[[Asked], Said]:
    """A Gmail that answers paths below ``users/me`` by ``routes`` and every batched message but those that are gone."""

    def answer(asked: Asked) -> Said:
        if asked.path == "/batch/gmail/v1":
            parts = [_part(name.decode(), message.decode(), gone) for name, message in PART.findall(asked.body)]
            return Said(200, "".join([*parts, "--b--"]).encode(), {"Content-Type": "multipart/mixed; boundary=b"})
        found = routes[asked.path.removeprefix("/gmail/v1/users/me/")](asked)
        return found if isinstance(found, Said) else said_json(found)

    return answer


def _part(name: str, message_id: str, gone: frozenset[str]) -> str:
    status = "404 Not Found" if message_id in gone else "200 OK"
    body = json.dumps({"id": message_id, "threadId": message_id, "internalDate": "0", "payload": {}})
    head = f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{name}>"
    return f"{head}\r\n\r\nHTTP/1.1 {status}\r\n\r\n{body}\r\n"


def mail_pages(session: Session, cursor: str | None) -> list[Page[MailRecord | MailDelta]]:
    client = provider.mail(session)
    return list(client.sync(MAILBOX, cursor))


def ids(page: Page[Any]) -> list[str]:
    return [record.id for record in page.changed]


def test_a_walk_begins_by_asking_where_history_is(wire: Wire, session: Session) -> None:
    def listing(asked: Asked) -> object:
        assert asked.query["includeSpamTrash"] == ["true"]
        if "pageToken" not in asked.query:
            return {"messages": [{"id": "m3"}, {"id": "m2"}], "nextPageToken": "p2"}
        return {"messages": [{"id": "m1"}]}

    routes: dict[str, Callable[[Asked], object]] = {
        "profile": lambda asked: {"historyId": "900", "messagesTotal": 3},
        "messages": listing,
    }
    wire.answer = gmail(routes, gone=frozenset({"m2"}))
    first, last = mail_pages(session, None)
    assert wire.asked[0].path.endswith("/profile")
    assert (ids(first), first.full, first.complete, first.total) == (["m3"], True, False, 3)
    assert (ids(last), last.full, last.complete) == (["m1"], True, True)
    # A walk that was cut off goes on with its first history id, whatever has happened since.
    routes["profile"] = lambda asked: {"historyId": "950", "messagesTotal": 3}
    (rest,) = mail_pages(session, first.cursor)
    assert (ids(rest), rest.complete, rest.cursor) == (["m1"], True, last.cursor)

    def history(asked: Asked) -> object:
        assert asked.query["startHistoryId"] == ["900"]
        return {"historyId": "951"}

    routes["history"] = history
    (after,) = mail_pages(session, last.cursor)
    assert (after.changed, after.removed, after.complete, after.full) == ((), (), True, False)


def test_what_a_used_up_quota_has_paid_for_is_kept(wire: Wire, session: Session) -> None:
    def listing(asked: Asked) -> object:
        return {"messages": [{"id": f"m{n}"} for n in range(30)]}

    left = 13

    def spend(method: str, calls: int, least: int | None = None) -> int:
        """A quota with room for some messages."""
        nonlocal left
        if not method.endswith("messages.get"):
            return calls
        paid = min(calls, left)
        if paid < (calls if least is None else least):
            raise RateLimited("Used up.", retry_after=60, code="budget")
        left -= paid
        return paid

    wire.answer = gmail({"profile": lambda asked: {"historyId": "900"}, "messages": listing})
    limited, told, cursor = replace(session, spend=spend), [], None
    for room in (13, 2, 13, 4):
        left = room
        try:
            for page in provider.mail(limited).sync(MAILBOX, cursor):
                told += ids(page)
                cursor = page.cursor
        except RateLimited:
            continue
    assert told == [f"m{n}" for n in range(30)]
    assert cursor == cursor_at(wire, session, "900")


def test_an_empty_mailbox_is_a_whole_walk(wire: Wire, session: Session) -> None:
    wire.answer = gmail(
        {"profile": lambda asked: {"historyId": "1"}, "messages": lambda asked: {"resultSizeEstimate": 0}}
    )
    (page,) = mail_pages(session, None)
    assert (page.changed, page.complete, page.full) == ((), True, True)


def history_record(number: str, **changes: list[tuple[str, list[str]]]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": number, "messages": [{"id": "noise"}]}
    for name, entries in changes.items():
        record[name] = [{"message": {"id": i, "threadId": i}, "labelIds": labels} for i, labels in entries]
    return record


def cursor_at(wire: Wire, session: Session, number: str) -> str:
    wire.answer = gmail({"profile": lambda asked: {"historyId": number}, "messages": lambda asked: {}})
    return mail_pages(session, None)[-1].cursor


def test_history_comes_to_one_change_a_message(wire: Wire, session: Session) -> None:
    start = cursor_at(wire, session, "10")
    page_of_history = [
        history_record("11", messagesAdded=[("new", [])], labelsAdded=[("new", ["STARRED"])]),
        history_record("12", labelsRemoved=[("read", ["UNREAD", "INBOX"])], labelsAdded=[("read", ["STARRED"])]),
        history_record("13", labelsRemoved=[("read", ["STARRED"])], labelsAdded=[("read", ["INBOX"])]),
        history_record("14", messagesAdded=[("short", [])]),
        history_record("15", messagesDeleted=[("short", [])], labelsAdded=[("dead", ["TRASH"])]),
        history_record("16", messagesDeleted=[("dead", [])], messagesAdded=[("lost", [])]),
    ]

    def history(asked: Asked) -> object:
        if "pageToken" in asked.query:
            return {"history": [history_record("20", labelsAdded=[("read", ["Label_1"])])], "historyId": "33"}
        return {"history": page_of_history, "nextPageToken": "p2", "historyId": "33"}

    wire.answer = gmail({"history": history}, gone=frozenset({"lost"}))
    first, last = mail_pages(session, start)
    assert isinstance(first.changed[0], MailRecord) and first.changed[0].id == "new"
    assert first.changed[1:] == (
        MailDelta("read", frozenset({"INBOX"}), frozenset({"UNREAD", "STARRED"}), unread=False, starred=False),
    )
    assert set(first.removed) == {"short", "dead", "lost"}
    assert not first.complete and last.complete and not last.full
    assert last.changed == (MailDelta("read", frozenset({"Label_1"})),)

    def continued(asked: Asked) -> object:
        assert asked.query["startHistoryId"] == ["16"] and "pageToken" not in asked.query
        return {"historyId": "33"}

    wire.answer = gmail({"history": continued})
    assert mail_pages(session, first.cursor)[0].cursor == last.cursor


def test_a_mailbox_s_cursor_can_be_too_old(wire: Wire, session: Session) -> None:
    start = cursor_at(wire, session, "10")
    wire.answer = gmail({"history": lambda asked: said_json({"error": {"code": 404}}, 404)})
    with pytest.raises(CursorExpired):
        mail_pages(session, start)
    for unreadable in ("", "[]", '{"v": 99, "history": "1"}', "1234"):
        if unreadable:
            with pytest.raises(CursorExpired):
                mail_pages(session, unreadable)


def test_a_walk_s_page_token_can_be_too_old(wire: Wire, session: Session) -> None:
    routes: dict[str, Callable[[Asked], object]] = {
        "profile": lambda asked: {"historyId": "1"},
        "messages": lambda asked: {"messages": [], "nextPageToken": "p2"},
    }
    wire.answer = gmail(routes)
    first = next(iter(provider.mail(session).sync(CollectionRecord(Service.MAIL, "mailbox", ""), None)))
    wire.answer = gmail({**routes, "messages": lambda asked: said_json({"error": {"code": 400}}, 400)})
    with pytest.raises(CursorExpired):
        mail_pages(session, first.cursor)
    with pytest.raises(PermanentFailure):
        mail_pages(session, None)


def test_a_token_that_stays_refused_is_said(wire: Wire, session: Session) -> None:
    wire.answer = lambda asked: said_json({"error": {"code": 401}}, 401)
    with pytest.raises(Unauthorized):
        provider.mail(session).discover()
    assert [asked.headers["authorization"] for asked in wire.asked] == ["Bearer first-token", "Bearer second-token"]


@pytest.mark.parametrize(
    ("operation", "payload", "add", "remove"),
    [
        (Operation.MAIL_MODIFY, {"unread": False, "starred": True}, ["STARRED"], ["UNREAD"]),
        (Operation.MAIL_MODIFY, {"add": ["Label_1"], "remove": ["INBOX"]}, ["Label_1"], ["INBOX"]),
        (Operation.MAIL_MOVE, {"to": "", "from": "INBOX"}, [], ["INBOX"]),
        (Operation.MAIL_MOVE, {"to": "TRASH", "from": "INBOX"}, ["TRASH"], ["INBOX"]),
    ],
)
def test_edits_are_labels(
    wire: Wire, session: Session, operation: Operation, payload: dict[str, object], add: list[str], remove: list[str]
) -> None:
    def modify(asked: Asked) -> object:
        assert json.loads(asked.body) == {"addLabelIds": add, "removeLabelIds": remove}
        return {"id": "m1", "labelIds": [*add, "IMPORTANT"]}

    wire.answer = gmail({"messages/m1/modify": modify})
    (delta,) = provider.mail(session).apply(ChangeRecord("k", operation, "m1", payload))
    assert isinstance(delta, MailDelta)
    assert delta.added == {*add, "IMPORTANT"} and set(remove) <= delta.removed
    assert delta.starred is ("STARRED" in add) and delta.unread is False


def test_attachments_are_found_by_part_and_not_by_gmail_s_passing_id(wire: Wire, session: Session) -> None:
    payload = {
        "mimeType": "multipart/mixed",
        "parts": [{"partId": "1", "mimeType": "a/b", "body": {"attachmentId": "X9"}}],
    }
    routes: dict[str, Callable[[Asked], object]] = {
        "messages/m1": lambda asked: {"id": "m1", "payload": payload, "raw": "AP8"},
        "messages/m1/attachments/X9": lambda asked: {"data": "_w"},
    }
    wire.answer = gmail(routes)
    mail = provider.mail(session)
    assert mail.attachment("m1", "1") == b"\xff"
    assert mail.source("m1") == b"\x00\xff"
    with pytest.raises(NotFound):
        mail.attachment("m1", "2")
