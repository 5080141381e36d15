"""Reading mail from the sandbox's Graph, held against Graph's contract."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from sandbox.seeds import SeedMessage
from tests.sandbox.graph_seeds import BO, EVA, IMMUTABLE, NOON, graph, letter


def test_a_new_mailbox_has_outlooks_folders_and_well_known_names_stand_for_ids() -> None:
    g = graph([letter(1, unread=True), letter(2, folder="Projects")])
    shown = g.get("me/mailFolders", top=50)["value"]
    named = {one["displayName"]: one for one in shown}
    assert {"Inbox", "Drafts", "Sent Items", "Deleted Items", "Junk Email", "Archive", "Projects"} <= named.keys()
    assert (named["Inbox"]["totalItemCount"], named["Inbox"]["unreadItemCount"]) == (1, 1)
    assert "wellKnownName" not in named["Inbox"] and not named["Inbox"]["isHidden"]
    assert g.get("me/mailFolders/inbox")["id"] == g.get("me/mailFolders('Inbox')")["id"] == named["Inbox"]["id"]
    assert g.get("me/mailFolders/inbox")["parentFolderId"] == g.get("me/mailFolders/msgfolderroot")["id"]
    assert len(g.get("me/mailFolders", top=50, includeHiddenFolders="true")["value"]) > len(shown)


def test_ids_are_of_two_kinds_and_case_sensitive() -> None:
    g = graph([letter(1)])
    plain = g.get("me/messages")["value"][0]["id"]
    immutable = g.get("me/messages", prefer=IMMUTABLE)["value"][0]["id"]
    assert plain != immutable and plain.endswith("=") and "_" in plain and "-" in plain
    assert g.get(f"me/messages/{immutable}")["id"] == plain
    assert g.call("GET", f"me/messages/{plain.swapcase()}").status == 400
    assert g.call("GET", f"me/messages/{plain[:-6]}AAAAA=").code == "ErrorInvalidIdMalformed"
    assert g.call("GET", f"me/messages/{g.get('me/mailFolders/inbox')['id']}").status == 404


def test_ids_are_the_same_in_the_same_world() -> None:
    assert [m["id"] for m in graph([letter(1), letter(2)]).get("me/messages")["value"]] == [
        m["id"] for m in graph([letter(1), letter(2)]).get("me/messages")["value"]
    ]


def test_a_list_pages_newest_first_by_its_next_link() -> None:
    g = graph([letter(n) for n in range(1, 26)])
    pages = list(g.pages("me/messages", count="true", select="subject"))
    assert [len(page["value"]) for page in pages] == [10, 10, 5]
    assert pages[0]["@odata.count"] == 25 and pages[0]["value"][0]["subject"] == "Letter 25"
    assert set(pages[0]["value"][0]) == {"@odata.etag", "id", "subject"}
    assert len(g.get("me/messages", top=1000)["value"]) == 25


@pytest.mark.parametrize("top", ["0", "1001", "-1", "many"])
def test_top_is_between_1_and_1000(top: str) -> None:
    assert graph().call("GET", "me/messages", {"$top": top}).status == 400


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("$select", "id,subjekt", "RequestBroker--ParseUri"),
        ("$expand", "attachment", "RequestBroker--ParseUri"),
        ("$filter", "isRead is false", "ErrorInvalidUrlQueryFilter"),
        ("$filter", "unknown eq 1", "ErrorInvalidUrlQueryFilter"),
        ("$filter", "(isRead eq true", "ErrorInvalidUrlQueryFilter"),
        ("$orderby", "subject upwards", "ErrorInvalidUrlQuery"),
        ("$compute", "x", "ErrorInvalidUrlQuery"),
        ("$count", "yes", "ErrorInvalidUrlQuery"),
    ],
)
def test_what_graph_cannot_read_is_refused(option: str, value: str, code: str) -> None:
    refused = graph([letter()]).call("GET", "me/messages", {option: value})
    assert (refused.status, refused.code) == (400, code)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("isRead eq false", [3]),
        ("receivedDateTime ge 2026-06-15T12:02:00Z", [2, 3]),
        ("receivedDateTime ge 2026-06-15T14:02:00+02:00 and isRead eq true", [2]),
        ("subject eq 'letter 1'", [1]),
        ("startswith(subject,'Letter') and not contains(subject,'1')", [2, 3]),
        ("from/emailAddress/address eq 'ADA@fabrikam.example'", [1, 2, 3]),
        ("hasAttachments eq true or isRead eq false", [1, 3]),
        ("subject in ('Letter 1','Letter 2')", [1, 2]),
        ("internetMessageId eq '<2@fabrikam.example>'", [2]),
        ("flag/flagStatus eq 'flagged'", []),
    ],
)
def test_filters(condition: str, found: list[int]) -> None:
    g = graph([letter(1, files=["a.pdf"]), letter(2), letter(3, unread=True)])
    shown = g.get("me/messages", filter=condition)["value"]
    assert sorted(int(one["subject"].rpartition(" ")[2]) for one in shown) == found


def test_an_order_agrees_with_the_filter() -> None:
    g = graph([letter(1), letter(2)])
    good = {"$filter": "receivedDateTime ge 2026-01-01 and isRead eq true", "$orderby": "receivedDateTime"}
    assert [m["subject"] for m in g.call("GET", "me/messages", good).json["value"]] == ["Letter 1", "Letter 2"]
    bad = good | {"$filter": "isRead eq true"}
    assert g.call("GET", "me/messages", bad).code == "InefficientFilter"


def test_search_finds_words_and_excludes_other_options() -> None:
    g = graph([letter(1, subject="Budget for July"), letter(2, subject="Lunch")])
    assert [m["subject"] for m in g.get("me/messages", search='"subject:budget july"')["value"]] == ["Budget for July"]
    assert g.call("GET", "me/messages", {"$search": '"x"', "$filter": "isRead eq true"}).code == "SearchWithOrderBy"


def test_a_message_shows_what_is_in_its_mime_and_gives_the_mime_back() -> None:
    g = graph([letter(1, html="<p>Hello <b>Bo</b>&nbsp;&amp; all</p>", files=["plan.pdf"])])
    found = g.get("me/messages", select="body,bodyPreview,toRecipients,hasAttachments,from,internetMessageHeaders")
    item = found["value"][0]
    assert item["body"]["contentType"] == "html" and "<b>Bo</b>" in item["body"]["content"]
    assert item["bodyPreview"] == "Hello Bo & all"
    assert [one["emailAddress"]["address"] for one in item["toRecipients"]] == [BO, EVA]
    assert item["from"]["emailAddress"] == {"name": "Ada Lund", "address": "ada@fabrikam.example"}
    assert item["hasAttachments"]
    assert {"name": "Message-ID", "value": "<1@fabrikam.example>"} in item["internetMessageHeaders"]
    raw = g.call("GET", f"me/messages/{item['id']}/$value")
    assert raw.content == g.seeds[0].messages[0].raw and raw.headers["content-type"].startswith("text/plain")


def test_bodies_come_as_text_if_preferred_and_the_answer_says_so() -> None:
    g = graph([letter(1, html="<p>One</p><p>Two &lt;3</p>")])
    answer = g.call("GET", "me/messages", prefer=f'{IMMUTABLE}, outlook.body-content-type="text"')
    assert answer.json["value"][0]["body"] == {"contentType": "text", "content": "One\r\nTwo <3"}
    assert 'outlook.body-content-type="text"' in answer.headers["preference-applied"]
    assert 'IdType="ImmutableId"' in answer.headers["preference-applied"]


def test_attachments_are_listed_without_their_bytes_where_not_wanted() -> None:
    g = graph([letter(1, files=["plan.pdf"])])
    message = g.get("me/messages", expand="attachments($select=id,name,microsoft.graph.fileAttachment/contentId)")
    [attachment] = message["value"][0]["attachments"]
    assert attachment["name"] == "plan.pdf" and "contentBytes" not in attachment
    path = f"me/messages/{message['value'][0]['id']}/attachments"
    [whole] = g.get(path)["value"]
    assert base64.b64decode(whole["contentBytes"]) == b"%PDFplan.pdf"
    assert g.call("GET", f"{path}/{attachment['id']}/$value").content == b"%PDFplan.pdf"


def test_images_inside_a_text_are_inline_and_count_as_no_attachment() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "Picture"
    mail.set_content("<img src='cid:logo@x'>", subtype="html")
    mail.add_related(b"PNG", "image", "png", cid="<logo@x>", filename="logo.png")
    g = graph([SeedMessage(mail.as_bytes(), NOON)])
    [item] = g.get("me/messages", expand="attachments")["value"]
    assert not item["hasAttachments"] and item["attachments"][0]["isInline"]
    assert item["attachments"][0]["contentId"] == "logo@x"


def test_a_message_inside_a_message_is_an_item_attachment() -> None:
    inner, outer = EmailMessage(policy=SMTP), EmailMessage(policy=SMTP)
    inner["Subject"] = "Inside"
    inner.set_content("deep")
    outer.set_content("see below")
    outer.add_attachment(inner)
    g = graph([SeedMessage(outer.as_bytes(), NOON)])
    path = f"me/messages/{g.get('me/messages')['value'][0]['id']}/attachments"
    [shown] = g.get(path)["value"]
    assert shown["@odata.type"] == "#microsoft.graph.itemAttachment" and "item" not in shown
    [opened] = g.get(path, expand="microsoft.graph.itemattachment/item")["value"]
    assert opened["item"]["subject"] == "Inside" and "deep" in opened["item"]["body"]["content"]


def test_an_invitation_is_an_event_message_request() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "Planning"
    mail.set_content("You are invited")
    event = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nDTSTART:20260616T090000Z\r\n"
        "DTEND:20260616T100000Z\r\nLOCATION:Room 4\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail.add_alternative(event.encode(), "text", "calendar", params={"method": "REQUEST"})
    [item] = graph([SeedMessage(mail.as_bytes(), NOON)]).get("me/messages")["value"]
    assert item["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    assert item["meetingMessageType"] == "meetingRequest" and item["location"]["displayName"] == "Room 4"
    assert item["startDateTime"] == {"dateTime": "2026-06-16T09:00:00.0000000", "timeZone": "UTC"}


def test_conversations_follow_references_and_replies_without_them_their_topic() -> None:
    first, second = letter(1, subject="Roof"), letter(2, subject="Re: Roof", reply_to=1)
    third, other = letter(3, subject="AW: Roof"), letter(4, subject="Roof")
    shown = graph([first, second, third, other]).get("me/messages")["value"]
    ids = {one["internetMessageId"]: one["conversationId"] for one in shown}
    assert ids["<1@fabrikam.example>"] == ids["<2@fabrikam.example>"] == ids["<3@fabrikam.example>"]
    assert ids["<4@fabrikam.example>"] != ids["<1@fabrikam.example>"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?b?////?= =?x-none?q?=FF?=\r\nFrom: <<>>\r\nDate: never\r\n\r\n\x00\xff",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/html; charset=hex\r\nSubject: \xe4\r\n\r\n<p>\xe4",
        b"To: " + b"," * 5000 + b"\r\n\r\nx",
        b"Date: Mon, 1 Jan 0001 00:00:00 +2359\r\n\r\nx",
    ],
)
def test_any_bytes_are_a_message(raw: bytes) -> None:
    g = graph([SeedMessage(raw, datetime(2026, 6, 1, tzinfo=UTC))])
    [item] = g.get("me/messages", select="subject,body,internetMessageHeaders")["value"]
    assert g.call("GET", f"me/messages/{item['id']}/$value").content == raw


def test_mapi_properties_are_expanded_by_a_filter_on_their_id() -> None:
    g = graph([letter(1)])
    wanted = "singleValueExtendedProperties($filter=id eq 'LONG 0x0E08')"
    [item] = g.get("me/messages", expand=wanted)["value"]
    size = str(len(g.seeds[0].messages[0].raw))
    assert item["singleValueExtendedProperties"] == [{"id": "LONG 0x0E08", "value": size}]
