"""Writing mail at the sandbox's Graph: flags, drafts, replies, sending, folders."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.seeds import SeedAccount
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO, EVA, IMMUTABLE, graph, letter, mime

TO_EVA = [{"emailAddress": {"address": EVA}}]


def _two() -> Graph:
    return graph([letter(1)], [], SeedAccount("microsoft", EVA, "Eva Ek", "oid-eva", "tid"))


def _only(g: Graph, **query: Any) -> Any:
    [found] = g.get("me/messages", **query)["value"]
    return found


def test_flags_change_and_stay() -> None:
    g = graph([letter(1)])
    before = _only(g)
    change = {"isRead": False, "flag": {"flagStatus": "flagged"}, "categories": ["Blue"], "importance": "High"}
    after = g.patch(f"me/messages/{before['id']}", change)
    assert after["changeKey"] != before["changeKey"] and after["id"] == before["id"]
    kept = _only(g)
    assert (kept["isRead"], kept["flag"]["flagStatus"], kept["categories"]) == (False, "flagged", ["Blue"])
    assert kept["importance"] == "high"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": "x"}, "ErrorInvalidPropertySet"),
        ({"receivedDateTime": "2026-01-01T00:00:00Z"}, "ErrorInvalidPropertySet"),
        ({"isread": True}, "RequestBodyRead"),
        ({"isRead": "yes"}, "ErrorInvalidRequest"),
        ({"flag": {"flagStatus": "waving"}}, "ErrorInvalidRequest"),
    ],
)
def test_what_may_not_change_is_refused(change: dict[str, Any], code: str) -> None:
    g = graph([letter(1)])
    refused = g.call("PATCH", f"me/messages/{_only(g)['id']}", body=change)
    assert (refused.status, refused.code) == (400, code)


def test_a_stale_change_key_is_a_conflict() -> None:
    g = graph([letter(1)])
    item = _only(g)
    path, stale = f"me/messages/{item['id']}", {"if-match": item["@odata.etag"]}
    assert g.call("PATCH", path, body={"isRead": False}, headers=stale).status == 200
    again = g.call("PATCH", path, body={"isRead": True}, headers=stale)
    assert (again.status, again.code) == (412, "ErrorIrresolvableConflict")
    assert g.call("DELETE", path, headers=stale).status == 412


def test_delete_goes_to_deleted_items_and_from_there_out_of_sight() -> None:
    g = graph([letter(1)])
    item = g.get("me/messages", IMMUTABLE)["value"][0]["id"]
    assert g.call("DELETE", f"me/messages/{item}").status == 204
    assert [one["id"] for one in g.get("me/mailFolders/deleteditems/messages", IMMUTABLE)["value"]] == [item]
    assert g.call("DELETE", f"me/messages/{item}").status == 204
    assert g.get("me/mailFolders/deleteditems")["totalItemCount"] == 0


def test_a_draft_is_written_sent_and_keeps_its_immutable_id() -> None:
    g = _two()
    body = {"contentType": "HTML", "content": "<p>Soon</p>"}
    draft = g.post("me/messages", {"subject": "Plan", "body": body, "toRecipients": TO_EVA}, prefer=IMMUTABLE)
    assert draft["isDraft"] and draft["body"] == {"contentType": "html", "content": "<p>Soon</p>"}
    assert draft["parentFolderId"] == g.get("me/mailFolders/drafts")["id"]
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}
    g.post(f"me/messages/{draft['id']}/attachments", file)
    g.patch(f"me/messages/{draft['id']}", {"subject": "The plan"})
    assert b"Subject: The plan" in g.call("GET", f"me/messages/{draft['id']}/$value").content
    assert g.call("POST", f"me/messages/{draft['id']}/send").status == 202
    sent = g.get(f"me/messages/{draft['id']}", IMMUTABLE)
    assert not sent["isDraft"] and sent["hasAttachments"]
    assert sent["parentFolderId"] == g.get("me/mailFolders/sentitems")["id"]
    g.token = g.grant(EVA, g.scopes)
    got = _only(g, expand="attachments")
    assert (got["subject"], got["isRead"], got["from"]["emailAddress"]["address"]) == ("The plan", False, BO)
    assert got["attachments"][0]["contentBytes"] == "aGk="
    assert got["internetMessageId"] == sent["internetMessageId"]


def test_sending_twice_or_to_nobody_is_refused() -> None:
    g = _two()
    draft = g.post("me/messages", {"subject": "x"}, prefer=IMMUTABLE)["id"]
    assert g.call("POST", f"me/messages/{draft}/send").code == "ErrorInvalidRecipients"
    g.patch(f"me/messages/{draft}", {"toRecipients": TO_EVA})
    assert g.call("POST", f"me/messages/{draft}/send").status == 202
    assert g.call("POST", f"me/messages/{draft}/send").status == 400


def test_send_mail_hides_blind_copies_and_may_keep_nothing() -> None:
    g = _two()
    message = {"subject": "Hi", "body": {"contentType": "text", "content": "x"}, "bccRecipients": TO_EVA}
    assert g.call("POST", "me/sendMail", body={"Message": message, "SaveToSentItems": False}).status == 202
    assert g.get("me/mailFolders/sentitems")["totalItemCount"] == 0
    g.token = g.grant(EVA, g.scopes)
    raw = g.call("GET", f"me/messages/{_only(g)['id']}/$value").content
    assert b"Bcc" not in raw and EVA.encode() not in raw


def test_send_mail_takes_mime() -> None:
    g = _two()
    raw = mime(7)
    answer = g.call("POST", "me/sendMail", body=base64.b64encode(raw), headers={"content-type": "text/plain"})
    assert answer.status == 202
    g.token = g.grant(EVA, g.scopes)
    assert g.call("GET", f"me/messages/{_only(g)['id']}/$value").content == raw
    assert g.call("POST", "me/sendMail", body=b"%%", headers={"content-type": "text/plain"}).status == 400


def test_a_reply_draft_belongs_to_its_conversation() -> None:
    g = graph([letter(1, subject="Roof")])
    first = _only(g)
    reply = g.post(f"me/messages/{first['id']}/createReply", {"comment": "Yes"})
    assert (reply["subject"], reply["conversationId"]) == ("RE: Roof", first["conversationId"])
    assert [one["emailAddress"]["address"] for one in reply["toRecipients"]] == ["ada@fabrikam.example"]
    assert "Yes" in reply["body"]["content"] and "Text of 1" in reply["body"]["content"]
    headers = g.get(f"me/messages/{reply['id']}", select="internetMessageHeaders")["internetMessageHeaders"]
    assert {"name": "In-Reply-To", "value": "<1@fabrikam.example>"} in headers
    everyone = g.post(f"me/messages/{first['id']}/createReplyAll", {})
    assert [one["emailAddress"]["address"] for one in everyone["toRecipients"]] == ["ada@fabrikam.example", EVA]
    passed = g.post(f"me/messages/{first['id']}/createForward", {"toRecipients": TO_EVA})
    assert passed["subject"] == "FW: Roof"


def test_a_reply_with_comment_and_body_is_refused() -> None:
    g = graph([letter(1)])
    both = {"comment": "x", "message": {"body": {"contentType": "text", "content": "y"}}}
    assert g.call("POST", f"me/messages/{_only(g)['id']}/createReply", body=both).status == 400
    wrong = {"message": {"internetMessageHeaders": [{"name": "References", "value": "<x>"}]}}
    answer = g.call("POST", f"me/messages/{_only(g)['id']}/createReply", body=wrong)
    assert answer.code == "InvalidInternetMessageHeader"


def test_reply_sends_at_once() -> None:
    g = graph([letter(1, subject="Roof")])
    first = _only(g)
    assert g.call("POST", f"me/messages/{first['id']}/reply", body={"comment": "Yes"}).status == 202
    [sent] = g.get("me/mailFolders/sentitems/messages")["value"]
    assert (sent["subject"], sent["conversationId"]) == ("RE: Roof", first["conversationId"])


def test_folders_are_made_renamed_moved_and_removed() -> None:
    g = graph([letter(1)])
    made = g.post("me/mailFolders", {"displayName": "Trips"})
    assert g.call("POST", "me/mailFolders", body={"displayName": "trips"}).code == "ErrorFolderExists"
    assert g.patch(f"me/mailFolders/{made['id']}", {"displayName": "Travel"})["displayName"] == "Travel"
    g.post(f"me/messages/{_only(g)['id']}/copy", {"destinationId": made["id"]})
    assert g.get(f"me/mailFolders/{made['id']}")["totalItemCount"] == 1
    moved = g.post(f"me/mailFolders/{made['id']}/move", {"destinationId": "archive"}, status=200)
    assert moved["parentFolderId"] == g.get("me/mailFolders/archive")["id"]
    assert g.call("DELETE", "me/mailFolders/inbox").code == "ErrorDeleteDistinguishedFolder"
    g.post(f"me/mailFolders/{made['id']}/permanentDelete", status=204)
    assert g.call("GET", f"me/mailFolders/{made['id']}").status == 404
