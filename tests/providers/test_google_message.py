"""Gmail's messages and labels as records: bodies, attachments, addresses and what badly made mail does to them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.google.gmail_message import folder_records, label_delta, mail_record
from integrations.providers.mime import addresses, clean, decode_text, decode_words
from integrations.records import Address, MailRecord, Role


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def part(
    kind: str,
    data: bytes = b"",
    *,
    number: str = "",
    charset: str = "",
    filename: str = "",
    parts: list[dict[str, Any]] | None = None,
    attachment_id: str = "",
    **headers: str,
) -> dict[str, Any]:
    typed = f"{kind}; charset={charset}" if charset else kind
    listed = [{"name": "Content-Type", "value": typed}]
    listed += [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]
    body: dict[str, Any] = {"size": len(data)}
    if attachment_id:
        body["attachmentId"] = attachment_id
    elif data:
        body["data"] = encoded(data)
    shown: dict[str, Any] = {"partId": number, "mimeType": kind, "filename": filename, "headers": listed, "body": body}
    return {**shown, "parts": parts} if parts is not None else shown


def message(payload: dict[str, Any], **fields: Any) -> MailRecord:
    whole = {
        "id": "18c1",
        "threadId": "18c0",
        "labelIds": ["INBOX", "UNREAD"],
        "snippet": "It&#39;s",
        "historyId": "77",
        "internalDate": "1764000000123",
        "sizeEstimate": 900,
        "payload": payload,
        **fields,
    }
    return mail_record(whole, lambda attachment_id: f"fetched {attachment_id}".encode())


def test_a_whole_message() -> None:
    record = message(
        part(
            "text/plain",
            "Grüße".encode("iso-8859-1"),
            charset="iso-8859-1",
            Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus\r\n Wien",
            From='"Lovelace, Ada" <ada@example.com>',
            To="Bo <bo@example.com>, =?utf-8?b?5p2O?= <li@example.cn>",
            Reply_To="list@example.com",
            Message_ID=" <m1@example.com> ",
            In_Reply_To="<m0@example.com> (your note)",
            References="<a@x>\r\n <b@x> <a@x>",
            List_Unsubscribe="<https://example.com/u>,\r\n <mailto:u@example.com>",
        )
    )
    assert record == MailRecord(
        id="18c1",
        thread_id="18c0",
        date=datetime(2025, 11, 24, 16, 0, 0, 123000, UTC),
        folder_ids=frozenset({"INBOX", "UNREAD"}),
        subject="Grüße aus Wien",
        sender=Address("ada@example.com", "Lovelace, Ada"),
        to=(Address("bo@example.com", "Bo"), Address("li@example.cn", "李")),
        reply_to=(Address("list@example.com"),),
        message_id="<m1@example.com>",
        in_reply_to="<m0@example.com>",
        references=("<a@x>", "<b@x>"),
        snippet="It's",
        text="Grüße",
        unread=True,
        size=900,
        etag="77",
        list_unsubscribe="<https://example.com/u>, <mailto:u@example.com>",
    )


def test_bodies_and_attachments_of_a_tree() -> None:
    related = part(
        "multipart/related",
        number="0.1",
        parts=[
            part("text/html", b"<p>Hi <img src='cid:logo'></p>", number="0.1.0"),
            part(
                "image/png",
                b"png",
                number="0.1.1",
                filename="logo.png",
                Content_ID="<logo>",
                Content_Disposition="inline; filename=logo.png",
            ),
        ],
    )
    alternative = part("multipart/alternative", number="0", parts=[part("text/plain", b"Hi", number="0.0"), related])
    forwarded = part(
        "message/rfc822",
        b"raw",
        number="2",
        attachment_id="zzz",
        parts=[part("text/plain", b"not ours", number="2.0")],
    )
    invitation = part("text/calendar", b"BEGIN:VCALENDAR", number="1", charset="utf-8")
    notes = part("text/plain", b"a file", number="3", filename="notes.txt", Content_Disposition="attachment")
    record = message(part("multipart/mixed", parts=[alternative, invitation, forwarded, notes]))
    assert (record.text, record.html) == ("Hi", "<p>Hi <img src='cid:logo'></p>")
    assert record.has_invitation
    shown = [(a.part_id, a.filename, a.content_type, a.content_id, a.inline) for a in record.attachments]
    assert shown == [
        ("0.1.1", "logo.png", "image/png", "logo", True),
        ("1", "invite.ics", "text/calendar", "", False),
        ("2", "message.eml", "message/rfc822", "", False),
        ("3", "notes.txt", "text/plain", "", False),
    ]


def test_texts_of_a_mixture_are_all_shown() -> None:
    parts = [part("text/plain", b"above", number="0"), part("image/gif", b"x", number="1", filename="x.gif")]
    record = message(part("multipart/mixed", parts=[*parts, part("text/plain", b"below", number="2")]))
    assert record.text == "above\nbelow"


def test_a_body_left_out_is_fetched() -> None:
    assert message(part("text/html", attachment_id="A-1", number="")).html == "fetched A-1"


def test_a_message_that_is_one_file() -> None:
    record = message(part("application/pdf", b"%PDF", filename="bill.pdf"))
    assert [(a.part_id, a.filename) for a in record.attachments] == [("0", "bill.pdf")]
    assert record.text == record.html == ""


@pytest.mark.parametrize(
    "payload",
    [{}, {"mimeType": "text/plain"}, {"mimeType": "multipart/mixed"}, {"body": {"data": "!"}, "headers": None}],
)
def test_hardly_a_message_is_still_a_record(payload: dict[str, Any]) -> None:
    record = message(payload, internalDate=None, labelIds=None)
    assert record.sender == Address("") and record.date == datetime(1970, 1, 1, tzinfo=UTC) and not record.unread


def test_senders_that_are_no_address_are_shown_by_name() -> None:
    def sender(value: str) -> Address:
        return message(part("text/plain", b"x", From=value)).sender

    assert sender("Undisclosed") == Address("", "Undisclosed")
    assert sender("Mail Delivery Subsystem <MAILER-DAEMON>") == Address("", "Mail Delivery Subsystem")
    assert sender('"Drew Fossum"') == Address("", "Drew Fossum")
    assert sender("<>") == Address("")


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("日本語".encode("iso-2022-jp"), "iso-2022-jp", "日本語"),
        ("日本語".encode(), "iso-2022-jp", "日本語"),
        ("日本語".encode("utf-7"), "utf-7", "日本語"),
        ("中文".encode("hz"), "hz-gb-2312", "中文"),
        ("日本語のメール".encode("cp932"), "shift_jis", "日本語のメール"),
        ("联通".encode("gbk"), "gb2312", "联通"),
        ("你好，世界".encode(), "gb2312", "你好，世界"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("שלום".encode("iso-8859-8"), "iso-8859-8-i", "שלום"),
        ("“quoted”".encode("cp1252"), "iso-8859-1", "“quoted”"),
        (b"caf\xe9", "", "café"),
        (b"caf\xe9", "unknown-8bit", "café"),
        (b"abc", "base64", "abc"),
        ("żółw".encode("utf-16"), "utf-16", "żółw"),
        (b"\xef\xbb\xbfbom", "utf-8", "bom"),
        (b"a\x00b", "us-ascii", "ab"),
    ],
)
def test_character_sets(data: bytes, charset: str, text: str) -> None:
    assert decode_text(data, charset) == text


@given(
    st.binary(), st.sampled_from(["", "utf-8", "utf-7", "gb2312", "hz", "shift_jis", "base64", "idna", "zip", "'x'"])
)
def test_every_body_becomes_text_that_can_be_stored(data: bytes, charset: str) -> None:
    text = decode_text(data, charset)
    assert "\x00" not in text and clean(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_in_utf_8_comes_back_as_it_was(text: str) -> None:
    assert decode_text(text.encode(), "windows-1252") == clean(text.removeprefix("\ufeff"))


@given(st.text())
def test_every_header_becomes_text_and_addresses(value: str) -> None:
    assert "\x00" not in decode_words(value)
    assert all("@" in a.email for a in addresses(value))


def test_a_character_split_between_encoded_words() -> None:
    assert decode_words("=?utf-8?b?5p2=?= =?utf-8?b?5p2O?=").endswith("李")
    assert decode_words("=?utf-8?q?=E6=9D?=\r\n =?utf-8?q?=8E_x?= ok") == "李 x ok"
    assert decode_words("=?utf-8?b?####?= x") != ""


def test_addresses_in_a_bad_list_are_still_found() -> None:
    assert addresses("Smith, John <john@example.com>")[-1].email == "john@example.com"
    assert addresses("undisclosed-recipients:;") == ()
    assert addresses("<<a@example.com>") == (Address("a@example.com"),)
    assert addresses("a:" * 5000 + "a@example.com") == (Address("a@example.com"),)


def test_labels_are_folders() -> None:
    labels = [
        {"id": "INBOX", "name": "INBOX", "type": "system"},
        {"id": "CATEGORY_SOCIAL", "name": "CATEGORY_SOCIAL", "type": "system", "labelListVisibility": "labelHide"},
        {"id": "YELLOW_STAR", "name": "YELLOW_STAR", "type": "system"},
        {"id": "Label_1", "name": "Work", "type": "user"},
        {"id": "Label_2", "name": "Work/Travel", "type": "user"},
        {"id": "Label_3", "name": "Alone/Here", "type": "user"},
    ]
    records = folder_records(labels)
    assert [(r.name, r.role, r.parent_id, r.hidden) for r in records] == [
        ("Inbox", Role.INBOX, "", False),
        ("Social", Role.CATEGORY, "", True),
        ("Yellow star", Role.SYSTEM, "", False),
        ("Work", Role.USER, "", False),
        ("Travel", Role.USER, "Label_1", False),
        ("Alone/Here", Role.USER, "", False),
    ]


def test_changes_of_labels_say_what_they_mean() -> None:
    delta = label_delta("1", frozenset({"STARRED"}), frozenset({"UNREAD", "INBOX"}))
    assert (delta.unread, delta.starred) == (False, True)
    assert label_delta("1", frozenset({"Label_1"}), frozenset()).unread is None
