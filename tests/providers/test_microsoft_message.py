"""What the items of a folder become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.errors import RateLimited
from integrations.providers.microsoft.mail import OutlookMail
from integrations.records import (
    Address,
    AttachmentRecord,
    CollectionRecord,
    MailDelta,
    MailRecord,
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


def only(graph: GraphWire, items: list[dict[str, Any]]) -> tuple[tuple[MailRecord | MailDelta, ...], tuple[str, ...]]:
    """What one page of these items becomes."""
    graph.says(DELTA, {"value": items, "@odata.deltaLink": graph.link("d1")})
    (page,) = OutlookMail(graph.session).sync(INBOX, None)
    return page.changed, page.removed


def test_a_message_becomes_a_record(graph: GraphWire) -> None:
    (record,), _ = only(graph, [message("A")])
    assert record == MailRecord(
        id="A",
        thread_id="C1",
        date=datetime(2026, 6, 15, 8, 30, tzinfo=UTC),
        folder_ids=frozenset({"IN="}),
        subject="Lunch",
        sender=Address("grace@example.com", "Grace Hopper"),
        to=(Address("ada@example.com"),),
        message_id="<m1@example.com>",
        in_reply_to="<m0@example.com>",
        references=("<r1@example.com>", "<m0@example.com>"),
        snippet="At noon?",
        html="<p>At noon?</p>",
        unread=True,
        starred=True,
        etag='W/"CQ"',
        list_unsubscribe="<https://example.com/u>",
    )


def test_a_message_with_nothing_in_it_becomes_a_record(graph: GraphWire) -> None:
    empty = {name: None for name in message("A") if not name.startswith("@")}
    (record,), _ = only(graph, [{**empty, "id": "A", "createdDateTime": "2026-06-15T08:30:00Z"}])
    assert isinstance(record, MailRecord)
    assert (record.thread_id, record.subject, record.sender, record.to) == ("A", "", Address(""), ())


def test_plain_text_invitations_and_drafts(graph: GraphWire) -> None:
    text = {"contentType": "text", "content": "At noon?"}
    kind = "#microsoft.graph.eventMessageRequest"
    (record,), _ = only(graph, [message("A", body=text, isDraft=True, **{"@odata.type": kind})])
    assert isinstance(record, MailRecord)
    assert (record.text, record.html, record.draft, record.has_invitation) == ("At noon?", "", True, True)


def test_attachments_are_asked_for_where_there_may_be_some(graph: GraphWire) -> None:
    inline = {"contentType": "html", "content": '<img src="cid:logo">'}
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "id": "P1",
        "name": "logo.png",
        "contentType": "image/png",
        "size": 10,
        "isInline": True,
        "contentId": "<logo>",
    }
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "id": "P2", "name": "Re: Lunch", "size": 20}
    graph.says("/me/messages/A/attachments", {"value": [file], "@odata.nextLink": graph.link("more")})
    graph.says_at("more", {"value": [item]})
    graph.says("/me/messages/B/attachments", {"value": []})
    changed, _ = only(graph, [message("A", body=inline), message("B", hasAttachments=True), message("C")])
    a, b, c = (r for r in changed if isinstance(r, MailRecord))
    assert a.attachments == (
        AttachmentRecord("P1", "logo.png", "image/png", 10, "logo", True),
        AttachmentRecord("P2", "Re: Lunch.eml", "message/rfc822", 20),
    )
    assert (b.attachments, c.attachments) == ((), ())
    assert len([a for a in graph.wire.asked if a.path.endswith("$batch")]) == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Text/Plain\r\n charset=x", "text/plain"),
        ('multipart/mixed;\n\tboundary="b"', "multipart/mixed"),
        ("nonsense", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_an_attachment_of_any_type_and_name(graph: GraphWire, said: str | None, expected: str) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "id": "P", "name": "a\n b", "contentType": said}
    graph.says("/me/messages/A/attachments", {"value": [file]})
    (record,), _ = only(graph, [message("A", hasAttachments=True)])
    assert isinstance(record, MailRecord)
    assert record.attachments == (AttachmentRecord("P", "a b", expected, 0),)


def test_thin_items_become_deltas_and_half_ones_are_fetched(graph: GraphWire) -> None:
    graph.says("/me/messages/B", message("B", subject="New"))
    graph.says("/me/messages/D", message("D", parentFolderId="AR="))
    changed, removed = only(
        graph,
        [
            {"@odata.etag": "x", "id": "A", "isRead": True, "parentFolderId": "IN="},
            {"id": "B", "subject": "New"},
            {"id": "C", "importance": "high"},
            {"id": "D", "importance": "high"},
            {"id": "E", "flag": {"flagStatus": "notFlagged"}},
        ],
    )
    by_id = {r.id: r for r in changed}
    assert by_id["A"] == MailDelta("A", added=frozenset({"IN="}), unread=False)
    assert isinstance(by_id["B"], MailRecord)
    assert by_id["E"] == MailDelta("E", added=frozenset({"IN="}), starred=False)
    # C is gone meanwhile, D is in another folder: both are told by another item.
    assert set(by_id) == {"A", "B", "E"}
    assert removed == ()


def test_the_last_of_repeated_items_counts(graph: GraphWire) -> None:
    gone = {"id": "A", "@removed": {"reason": "deleted"}}
    assert only(graph, [message("A"), gone]) == ((), ("A",))
    changed, removed = only(graph, [gone, message("A")])
    assert ([r.id for r in changed], removed) == (["A"], ())


def test_a_part_of_a_batch_that_is_refused_does_not_stop_the_folder(graph: GraphWire) -> None:
    graph.says("/me/messages/A/attachments", {"error": {"code": "ErrorCorruptData"}}, 400)
    (record,), _ = only(graph, [message("A", hasAttachments=True)])
    assert isinstance(record, MailRecord)
    assert record.attachments == ()


def test_a_throttled_part_of_a_batch_throttles_the_page(graph: GraphWire) -> None:
    graph.says("/me/messages/A/attachments", {"error": {"code": "ApplicationThrottled"}}, 429, Retry_After="2.128")
    graph.says("/me/messages/B/attachments", {"error": {"code": "ApplicationThrottled"}}, 429, Retry_After="7")
    with pytest.raises(RateLimited) as raised:
        only(graph, [message("A", hasAttachments=True), message("B", hasAttachments=True)])
    assert raised.value.retry_after == 7
