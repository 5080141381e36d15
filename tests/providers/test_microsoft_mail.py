"""Outlook mail over the wire: folders, a folder's rounds, changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations.errors import CursorExpired, NotFound, PermanentFailure, Unauthorized
from integrations.providers.microsoft.mail import OutlookMail
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    FolderRecord,
    MailDelta,
    MailRecord,
    Operation,
    Role,
    Service,
)
from tests.providers.graph_items import message
from tests.providers.graph_wire import GraphWire
from tests.providers.wire import Wire

INBOX = CollectionRecord(Service.MAIL, "IN=", "Inbox")
DELTA = "/me/mailFolders/IN=/messages/delta"


@pytest.fixture
def graph(wire: Wire) -> Iterator[GraphWire]:
    scripted = GraphWire(wire)
    scripted.says("/me/mailFolders/IN=", {"id": "IN=", "totalItemCount": 2})
    yield scripted
    scripted.check()


def test_folders_by_their_roles_whatever_their_names(graph: GraphWire) -> None:
    listing = [
        {"id": "AR=", "displayName": "Archiv", "parentFolderId": "ROOT=", "childFolderCount": 0},
        {"id": "IN=", "displayName": "Posteingang", "parentFolderId": "ROOT=", "childFolderCount": 1},
        {"id": "TR=", "displayName": "Gelöschte Elemente", "parentFolderId": "ROOT=", "childFolderCount": 0},
    ]
    searches = {"@odata.type": "#microsoft.graph.mailSearchFolder", "id": "SF=", "displayName": "Unread"}
    graph.says("/me/mailFolders", {"value": listing[:2], "@odata.nextLink": graph.link("folders")})
    graph.says_at("folders", {"value": [*listing[2:], searches]})
    child = {"id": "CH=", "displayName": "Bücher", "parentFolderId": "IN=", "childFolderCount": 0}
    graph.says("/me/mailFolders/IN=/childFolders", {"value": [child]})
    for name, identifier in {"inbox": "IN=", "archive": "AR=", "deleteditems": "TR="}.items():
        graph.says(f"/me/mailFolders/{name}", {"id": identifier})

    found = OutlookMail(graph.session).discover()

    assert {(f.id, f.role, f.parent_id) for f in found.containers if isinstance(f, FolderRecord)} == {
        ("IN=", Role.INBOX, ""),
        ("AR=", Role.ARCHIVE, ""),
        ("TR=", Role.TRASH, ""),
        ("CH=", Role.USER, "IN="),
    }
    assert [c.id for c in found.collections] == ["IN=", "AR=", "CH=", "TR="]
    assert [c.priority for c in found.collections] == sorted(c.priority for c in found.collections)


def test_a_first_walk_pages_newest_first_and_ends_with_the_delta_link(graph: GraphWire) -> None:
    graph.says(DELTA, {"value": [message("A")], "@odata.nextLink": graph.link("p2")})
    graph.says_at("p2", {"value": [message("B")], "@odata.deltaLink": graph.link("d1")})
    graph.says_at("d1", {"value": [], "@odata.deltaLink": graph.link("d2")})
    mail = OutlookMail(graph.session)

    first, second = mail.sync(INBOX, None)

    (asked,) = graph.asked(DELTA)
    assert asked.query["$orderby"] == ["receivedDateTime desc"]
    assert "odata.maxpagesize=50" in asked.headers["prefer"]
    assert [r.id for r in (*first.changed, *second.changed)] == ["A", "B"]
    assert (first.full, first.complete, first.total) == (True, False, 2)
    assert (second.full, second.complete) == (True, True)
    # A walk that was cut off goes on where it was, and is still a full one.
    (resumed,) = mail.sync(INBOX, first.cursor)
    assert resumed == replace(second, total=None)
    (after,) = mail.sync(INBOX, second.cursor)
    assert (after.full, after.complete, after.changed) == (False, True, ())
    assert graph.wire.asked[-1].target.endswith("/links/d1?$deltatoken=a+b%2Fc")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (410, "SyncStateNotFound"),
        (400, "syncStateInvalid"),
        (404, "SyncStateNotFound"),
        (410, ""),
        (409, "resyncRequired"),
    ],
)
def test_an_expired_position(graph: GraphWire, status: int, code: str) -> None:
    graph.says(DELTA, {"value": [], "@odata.deltaLink": graph.link("d1")})
    (page,) = OutlookMail(graph.session).sync(INBOX, None)
    graph.says_at("d1", {"error": {"code": code, "message": "m"}}, status)
    with pytest.raises(CursorExpired):
        list(OutlookMail(graph.session).sync(INBOX, page.cursor))


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"v": 0, "mode": "full", "link": "x"}', '{"v": 1, "mode": "full"}'])
def test_a_cursor_that_cannot_be_read_is_expired(graph: GraphWire, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        list(OutlookMail(graph.session).sync(INBOX, cursor))


def test_a_link_to_another_host_is_not_followed(graph: GraphWire) -> None:
    graph.says(DELTA, {"value": [], "@odata.nextLink": "https://graph.example.com/v1.0/x"})
    with pytest.raises(PermanentFailure):
        list(OutlookMail(graph.session).sync(INBOX, None))


def test_a_folder_that_is_gone(graph: GraphWire) -> None:
    with pytest.raises(NotFound):
        list(OutlookMail(graph.session).sync(CollectionRecord(Service.MAIL, "NO=", "Gone"), None))


def test_a_refused_token_is_replaced_once(graph: GraphWire) -> None:
    graph.says(DELTA, {"error": {"code": "InvalidAuthenticationToken"}}, 401)
    with pytest.raises(Unauthorized):
        list(OutlookMail(graph.session).sync(INBOX, None))
    assert [a.headers["authorization"] for a in graph.asked(DELTA)] == ["Bearer first-token", "Bearer second-token"]


def change(operation: Operation, **payload: object) -> ChangeRecord:
    return ChangeRecord("key", operation, "A", payload)


def test_flags_are_set_in_one_call(graph: GraphWire) -> None:
    graph.says("/me/messages/A", message("A", isRead=True, flag={"flagStatus": "notFlagged"}))
    done = OutlookMail(graph.session).apply(change(Operation.MAIL_MODIFY, unread=False, starred=False))
    assert done == (MailDelta("A", unread=False, starred=False),)
    (asked,) = graph.wire.asked
    assert (asked.method, json.loads(asked.body)) == ("PATCH", {"isRead": True, "flag": {"flagStatus": "notFlagged"}})


@pytest.mark.parametrize(
    ("what", "destination"),
    [
        (change(Operation.MAIL_MOVE, to="AR=", **{"from": "IN="}), "AR="),
        (change(Operation.MAIL_MODIFY, add=["AR="], remove=["IN="]), "AR="),
        (change(Operation.MAIL_MODIFY, add=[], remove=["IN="]), "archive"),
    ],
)
def test_a_move(graph: GraphWire, what: ChangeRecord, destination: str) -> None:
    graph.says("/me/messages/A/move", message("A", parentFolderId="AR="), 201)
    done = OutlookMail(graph.session).apply(what)
    assert done == (MailDelta("A", added=frozenset({"AR="}), removed=frozenset({"IN="})),)
    (asked,) = graph.wire.asked
    assert json.loads(asked.body) == {"destinationId": destination}


def test_a_move_that_changes_the_id_tells_the_whole_message(graph: GraphWire) -> None:
    graph.says("/me/messages/A/move", message("Z", parentFolderId="AR="), 201)
    graph.says("/me/messages/Z", message("Z", parentFolderId="AR="))
    (record,) = OutlookMail(graph.session).apply(change(Operation.MAIL_MOVE, to="AR="))
    assert isinstance(record, MailRecord)
    assert (record.id, record.folder_ids) == ("Z", frozenset({"AR="}))


def test_content_is_fetched_as_it_is(graph: GraphWire) -> None:
    graph.says("/me/messages/A/$value", "Subject: Lunch")
    graph.says("/me/messages/A/attachments/P1/$value", "bytes")
    mail = OutlookMail(graph.session)
    assert mail.source("A") == b'"Subject: Lunch"'
    assert mail.attachment("A", "P1") == b'"bytes"'
