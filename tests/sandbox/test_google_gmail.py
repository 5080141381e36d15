"""The sandbox's Gmail at its boundary: what clients of the Gmail API may count on."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from sandbox import google
from sandbox.seeds import SeedAccount, SeedMessage
from sandbox.store import Store
from tests.sandbox.google_client import SCOPES, World

ME = "/gmail/v1/users/me"
START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def _mail(
    subject: str, *, number: int, reply_to: int = 0, html: str = "", body: str = "Hello there", attach: bool = False
) -> bytes:
    message = EmailMessage()
    message["From"] = "Grace Hopper <grace@example.com>"
    message["To"] = "ada@gmail.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@example.com>"
    if reply_to:
        message["In-Reply-To"] = message["References"] = f"<{reply_to}@example.com>"
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    if attach:
        message.add_attachment(b"\x00\x01\xff" * 50, maintype="application", subtype="pdf", filename="Überblick.pdf")
    return message.as_bytes()


def _seed() -> SeedAccount:
    mails = [
        SeedMessage(_mail("Lunch", number=1), START, unread=True),
        SeedMessage(_mail("Re: Lunch", number=2, reply_to=1), START + timedelta(hours=1), starred=True),
        SeedMessage(
            _mail("Sale", number=3, html="<p>Half &amp; half</p>", body=" "),
            START + timedelta(hours=2),
            category="promotions",
        ),
        SeedMessage(_mail("Report", number=4, attach=True), START + timedelta(hours=3), labels=("Work",)),
        SeedMessage(_mail("Mine", number=5), START + timedelta(hours=4), box="sent"),
        SeedMessage(_mail("Gone", number=6), START + timedelta(hours=5), box="trash"),
        SeedMessage(_mail("Win big", number=7), START + timedelta(hours=6), box="spam", unread=True),
        SeedMessage(_mail("Half done", number=8), START + timedelta(hours=7), box="drafts"),
        SeedMessage(_mail("Old", number=9), START - timedelta(days=400), box="archive"),
    ]
    return SeedAccount("google", "ada@gmail.example", "Ada", "1", messages=tuple(mails), labels=("Work", "Trips/2026"))


@pytest.fixture
def world() -> World:
    return World(Store(None), [_seed()])


def _subjects(world: World, **query: Any) -> list[str]:
    found = world.get(f"{ME}/messages", **query).get("messages", [])
    out = []
    for message in found:
        headers = world.get(f"{ME}/messages/{message['id']}", format="metadata")["payload"]["headers"]
        out.append(next(h["value"] for h in headers if h["name"] == "Subject"))
    return out


def test_lists_newest_first_without_spam_and_trash(world: World) -> None:
    assert _subjects(world) == ["Half done", "Mine", "Report", "Sale", "Re: Lunch", "Lunch", "Old"]
    assert _subjects(world, includeSpamTrash="true")[:3] == ["Half done", "Win big", "Gone"]
    assert _subjects(world, labelIds=["INBOX", "UNREAD"]) == ["Lunch"]


def test_pages_cover_everything_once(world: World) -> None:
    ids: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = world.get(f"{ME}/messages", maxResults=2, **token)
        ids += [m["id"] for m in page["messages"]]
        assert page["resultSizeEstimate"] == 7
        if "nextPageToken" not in page:
            break
        token = {"pageToken": page["nextPageToken"]}
    assert len(ids) == len(set(ids)) == 7
    reply = world.call("GET", f"{ME}/messages", {"pageToken": page.get("nextPageToken", "abc")})
    assert (reply.status, reply.reason) == (400, "invalidArgument")


def test_page_token_belongs_to_its_list(world: World) -> None:
    token = world.get(f"{ME}/messages", maxResults=1)["nextPageToken"]
    assert world.call("GET", f"{ME}/messages", {"pageToken": token, "q": "lunch"}).status == 400
    assert world.call("GET", f"{ME}/threads", {"pageToken": token}).status == 400


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("lunch", ["Re: Lunch", "Lunch"]),
        ("subject:lunch -in:inbox", []),
        ('"half half"', ["Sale"]),
        ("from:grace has:attachment", ["Report"]),
        ("filename:pdf", ["Report"]),
        ("label:work", ["Report"]),
        ("is:unread", ["Lunch"]),
        ("is:starred OR subject:report", ["Report", "Re: Lunch"]),
        ("{subject:report subject:sale}", ["Report", "Sale"]),
        ("subject:(report OR sale)", ["Report", "Sale"]),
        ("category:promotions", ["Sale"]),
        ("in:anywhere subject:win", ["Win big"]),
        ("in:trash", ["Gone"]),
        ("before:2026/01/01", ["Old"]),
        ("after:2026/11/01 subject:sale", ["Sale"]),
        ("older_than:3m", ["Old"]),
        ("rfc822msgid:4@example.com", ["Report"]),
        ("to:me -from:me subject:(lunch OR report)", ["Report", "Re: Lunch", "Lunch"]),
        ("(subject:report OR (subject:sale AND -(is:unread))) -in:trash", ["Report", "Sale"]),
        ("in:inbox -is:starred -category:promotions -label:work", ["Lunch"]),
    ],
)
def test_search(world: World, query: str, subjects: list[str]) -> None:
    world.store.advance(START + timedelta(days=20) - world.store.now())
    assert _subjects(world, q=query) == subjects


def test_a_date_begins_in_california(world: World) -> None:
    """A date as seconds is exact, one as a day is midnight there."""
    midnight = datetime(2026, 7, 1, 7, tzinfo=UTC)
    for hours, subject in ((-1, "Evening"), (1, "Morning")):
        seed = SeedMessage(f"Subject: {subject}\n\n.".encode(), midnight + timedelta(hours=hours))
        google.load(world.store, SeedAccount("google", world.seeds[0].email, "Ada", "1", messages=(seed,)))
    window = "after:2026/06/30 before:2026/07/02"
    assert _subjects(world, q=f"after:2026/07/01 {window}") == ["Morning"]
    assert _subjects(world, q=f"before:2026/07/01 {window}") == ["Evening"]
    assert _subjects(world, q=f"after:{int(midnight.timestamp())} {window}") == ["Morning"]


def test_raw_is_byte_identical_and_text_is_utf8(world: World) -> None:
    head = b"Subject: =?iso-8859-1?q?Gr=FC=DFe?=\nContent-Type: text/plain; charset=iso-8859-1\n"
    raw = head + b"Content-Transfer-Encoding: 8bit\n\nGr\xfc\xdfe\n"
    google.deliver(world.store, world.account(), raw)
    newest = world.get(f"{ME}/messages", maxResults=1)["messages"][0]["id"]
    assert base64.urlsafe_b64decode(world.get(f"{ME}/messages/{newest}", format="raw")["raw"]) == raw
    full = world.get(f"{ME}/messages/{newest}")
    assert base64.urlsafe_b64decode(full["payload"]["body"]["data"]).decode() == "Grüße\n"
    assert {"name": "Subject", "value": "Grüße"} in full["payload"]["headers"]
    assert set(full["labelIds"]) == {"INBOX", "UNREAD", "CATEGORY_PERSONAL"}


def test_attachments_come_by_an_id_that_changes(world: World) -> None:
    message = world.get(f"{ME}/messages", q="subject:report")["messages"][0]["id"]
    first, second = (world.get(f"{ME}/messages/{message}")["payload"]["parts"][1] for _ in range(2))
    assert first["filename"] == "Überblick.pdf" and first["partId"] == "1"
    assert first["body"]["attachmentId"] != second["body"]["attachmentId"]
    assert 168 <= len(first["body"]["attachmentId"]) <= 400
    got = world.get(f"{ME}/messages/{message}/attachments/{first['body']['attachmentId']}")
    assert base64.urlsafe_b64decode(got["data"]) == b"\x00\x01\xff" * 50
    other = world.get(f"{ME}/messages", q="subject:sale")["messages"][0]["id"]
    assert world.call("GET", f"{ME}/messages/{other}/attachments/{first['body']['attachmentId']}").status == 400


def test_replies_thread_by_reference_and_subject(world: World) -> None:
    thread = next(
        t for t in world.get(f"{ME}/threads")["threads"] if len(world.get(f"{ME}/threads/{t['id']}")["messages"]) == 2
    )
    assert thread["id"] == world.get(f"{ME}/threads/{thread['id']}")["messages"][0]["id"]
    google.deliver(world.store, world.account(), _mail("Another matter", number=20, reply_to=1))
    google.deliver(world.store, world.account(), _mail("RE: lunch", number=21, reply_to=2))
    assert len(world.get(f"{ME}/threads/{thread['id']}", format="minimal")["messages"]) == 3


def test_history_tells_what_happened_since(world: World) -> None:
    start = world.get(f"{ME}/profile")["historyId"]
    message = world.get(f"{ME}/messages", q="is:unread")["messages"][0]["id"]
    world.post(f"{ME}/messages/{message}/modify", {"removeLabelIds": ["UNREAD", "INBOX"], "addLabelIds": ["STARRED"]})
    google.deliver(world.store, world.account(), _mail("New", number=30))
    sale = world.get(f"{ME}/messages", q="subject:sale")["messages"][0]["id"]
    assert world.call("DELETE", f"{ME}/messages/{sale}").status == 204
    answer = world.get(f"{ME}/history", startHistoryId=start)
    kinds = [next(k for k in h if k not in ("id", "messages")) for h in answer["history"]]
    assert kinds == ["labelsRemoved", "labelsAdded", "messagesAdded", "messagesDeleted"]
    assert answer["history"][0]["labelsRemoved"][0]["labelIds"] == ["INBOX", "UNREAD"]
    assert [int(h["id"]) for h in answer["history"]] == sorted(int(h["id"]) for h in answer["history"])
    assert answer["historyId"] == world.get(f"{ME}/profile")["historyId"]
    only = world.get(f"{ME}/history", startHistoryId=start, historyTypes=["messageAdded"])
    assert len(only["history"]) == 1
    assert "history" not in world.get(f"{ME}/history", startHistoryId=answer["historyId"])


def test_history_may_hold_labels_alone(world: World) -> None:
    start = world.get(f"{ME}/profile")["historyId"]
    message = world.get(f"{ME}/messages", q="is:unread")["messages"][0]
    world.post(f"{ME}/messages/{message['id']}/modify", {"removeLabelIds": ["UNREAD"]})
    [record] = world.get(f"{ME}/history", startHistoryId=start)["history"]
    assert record.keys() == {"id", "messages", "labelsRemoved"} and record["messages"] == [message]
    assert record["labelsRemoved"][0]["labelIds"] == ["UNREAD"]


def test_old_history_is_gone(world: World) -> None:
    start = world.get(f"{ME}/profile")["historyId"]
    google.expire_cursors(world.store, world.account())
    reply = world.call("GET", f"{ME}/history", {"startHistoryId": start})
    assert (reply.status, reply.reason) == (404, "notFound")
    assert "history" not in world.get(f"{ME}/history", startHistoryId=world.get(f"{ME}/profile")["historyId"])


def test_trash_takes_out_of_the_inbox(world: World) -> None:
    message = world.get(f"{ME}/messages", q="subject:sale")["messages"][0]["id"]
    assert set(world.post(f"{ME}/messages/{message}/trash")["labelIds"]) == {"CATEGORY_PROMOTIONS", "TRASH"}
    assert world.post(f"{ME}/messages/{message}/untrash")["labelIds"] == ["CATEGORY_PROMOTIONS"]


@pytest.mark.parametrize("label", ["SENT", "DRAFT", "Label_99", ""])
def test_some_labels_cannot_be_set(world: World, label: str) -> None:
    message = world.get(f"{ME}/messages", q="subject:sale")["messages"][0]["id"]
    reply = world.call("POST", f"{ME}/messages/{message}/modify", body={"addLabelIds": [label]})
    assert (reply.status, reply.reason) == (400, "invalidArgument")


def test_many_messages_and_threads_at_once(world: World) -> None:
    ids = [m["id"] for m in world.get(f"{ME}/messages", labelIds="INBOX")["messages"]]
    world.post(f"{ME}/messages/batchModify", {"ids": [*ids, "0000000000000000"], "removeLabelIds": ["INBOX"]})
    assert "messages" not in world.get(f"{ME}/messages", labelIds="INBOX")
    assert (
        world.call("POST", f"{ME}/messages/batchModify", body={"ids": ["1"] * 1001, "addLabelIds": ["INBOX"]}).status
        == 400
    )
    thread = world.get(f"{ME}/threads", q="subject:lunch")["threads"][0]["id"]
    world.post(f"{ME}/threads/{thread}/modify", {"addLabelIds": ["INBOX"]})
    assert len(world.get(f"{ME}/messages", labelIds="INBOX")["messages"]) == 2


def test_labels_are_listed_counted_made_and_removed(world: World) -> None:
    labels = {label["name"]: label for label in world.get(f"{ME}/labels")["labels"]}
    assert {"INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "STARRED", "IMPORTANT", "UNREAD", "Work", "Trips/2026"} <= set(
        labels
    )
    inbox = world.get(f"{ME}/labels/INBOX")
    assert (inbox["messagesTotal"], inbox["messagesUnread"], inbox["threadsTotal"], inbox["threadsUnread"]) == (
        4,
        1,
        3,
        1,
    )
    made = world.post(
        f"{ME}/labels", {"name": "Later", "color": {"textColor": "#ffffff", "backgroundColor": "#16a766"}}
    )
    assert world.call("POST", f"{ME}/labels", body={"name": "later"}).reason == "aborted"
    assert world.call("PATCH", f"{ME}/labels/{made['id']}", body={"name": "Soon"}).json["name"] == "Soon"
    assert world.call("PATCH", f"{ME}/labels/{made['id']}", body={"color": {"textColor": "#123456"}}).status == 400
    assert world.call("PATCH", f"{ME}/labels/INBOX", body={"name": "x"}).status == 400
    assert world.call("DELETE", f"{ME}/labels/{labels['Work']['id']}").status == 204
    report = world.get(f"{ME}/messages", q="subject:report")["messages"][0]["id"]
    assert labels["Work"]["id"] not in world.get(f"{ME}/messages/{report}", format="minimal")["labelIds"]


def test_another_mailbox_is_refused(world: World) -> None:
    assert world.get("/gmail/v1/users/ada@gmail.example/profile")["messagesTotal"] == 9
    assert world.call("GET", "/gmail/v1/users/bob@gmail.example/profile").reason == "forbidden"
    assert world.call("GET", f"{ME}/messages/00000000deadbeef").reason == "notFound"


def test_metadata_scope_sees_no_content(world: World) -> None:
    token = world.grant("ada@gmail.example", [SCOPES + "gmail.metadata"])
    message = world.get(f"{ME}/messages", q="lunch")["messages"][0]["id"]
    assert world.call("GET", f"{ME}/messages", {"q": "lunch"}, token=token).status == 403
    assert world.call("GET", f"{ME}/messages/{message}", token=token).status == 403
    assert world.call("GET", f"{ME}/messages/{message}", {"format": "metadata"}, token=token).status == 200
