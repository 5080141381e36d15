"""Sending, drafts, imports, send-as addresses and watches of the sandbox's Gmail."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox import google, post
from sandbox.pubsub import topics
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.google_client import ALL, SCOPES, World

ME = "/gmail/v1/users/me"
ADA, BOB = "ada@gmail.example", "bob@gmail.example"
HEAD = b"From: ada@gmail.example\r\nTo: Bob <bob@gmail.example>\r\nBcc: carol@x.example\r\nSubject: Hi\r\n"
MAIL = HEAD + b"\r\nHello Bob\r\n"


@pytest.fixture
def world() -> World:
    seeds = [SeedAccount("google", ADA, "Ada Lovelace", "1"), SeedAccount("google", BOB, "Bob", "2")]
    post.serve("google", google.deliver)
    settings = {SCOPES + "gmail.settings.sharing", SCOPES + "gmail.settings.basic"}
    return World(Store(None), seeds, ALL | settings)


def _raw(content: bytes, **more: str) -> dict[str, Any]:
    return {"raw": base64.urlsafe_b64encode(content).decode()} | more


def _bytes(world: World, message: str, token: str | None = None) -> bytes:
    reply = world.call("GET", f"{ME}/messages/{message}", {"format": "raw"}, token=token)
    return base64.urlsafe_b64decode(reply.json["raw"])


def test_sent_message_is_kept_and_arrives(world: World) -> None:
    sent = world.post(f"{ME}/messages/send", _raw(MAIL))
    assert sent["labelIds"] == ["SENT"]
    own = _bytes(world, sent["id"])
    assert own.endswith(MAIL) and b"Message-ID: <" in own and b"Date: " in own and b"Bcc: carol" in own
    bob = world.grant(BOB, ALL)
    arrived = world.call("GET", f"{ME}/messages", {"labelIds": "INBOX"}, token=bob).json["messages"][0]["id"]
    assert b"Bcc" not in _bytes(world, arrived, bob) and b"Hello Bob" in _bytes(world, arrived, bob)


def test_reply_goes_into_its_thread(world: World) -> None:
    sent = world.post(f"{ME}/messages/send", _raw(MAIL.replace(b"Subject", b"Message-ID: <a@b>\r\nSubject")))
    reply = MAIL.replace(b"Subject: Hi", b"Subject: Re: Hi\r\nIn-Reply-To: <a@b>\r\nReferences: <a@b>")
    assert world.post(f"{ME}/messages/send", _raw(reply, threadId=sent["threadId"]))["threadId"] == sent["threadId"]
    other = MAIL.replace(b"Subject: Hi", b"Subject: Another matter")
    assert world.post(f"{ME}/messages/send", _raw(other, threadId=sent["threadId"]))["threadId"] != sent["threadId"]
    assert world.call("POST", f"{ME}/messages/send", body=_raw(MAIL, threadId="00000000deadbeef")).status == 404


def test_mail_to_oneself_is_one_message(world: World) -> None:
    sent = world.post(f"{ME}/messages/send", _raw(MAIL.replace(b"bob@", b"ada@")))
    assert set(sent["labelIds"]) == {"SENT", "INBOX", "UNREAD"}
    assert world.get(f"{ME}/profile")["messagesTotal"] == 1


def test_foreign_sender_becomes_the_own_address(world: World) -> None:
    sent = world.post(f"{ME}/messages/send", _raw(MAIL.replace(b"From: ada@", b"From: someone@")))
    assert b'From: "Ada Lovelace" <ada@gmail.example>' in _bytes(world, sent["id"])


@pytest.mark.parametrize("body", [{}, {"raw": "!!"}, {"raw": "YQ"}, {"raw": "VG86IA0KDQpoaQ=="}])
def test_what_cannot_be_sent(world: World, body: dict[str, str]) -> None:
    reply = world.call("POST", f"{ME}/messages/send", body=body)
    assert (reply.status, reply.reason) == (400, "invalidArgument")


def test_upload_of_the_message_alone(world: World) -> None:
    upload = "/upload/gmail/v1/users/me/messages/send"
    kind = {"content-type": "message/rfc822"}
    sent = world.call("POST", upload, {"uploadType": "media"}, MAIL, headers=kind)
    assert _bytes(world, sent.json["id"]).endswith(MAIL)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_upload_with_metadata(world: World, newline: bytes) -> None:
    first = world.post(f"{ME}/messages/send", _raw(MAIL.replace(b"Subject", b"Message-ID: <a@b>\r\nSubject")))
    reply = MAIL.replace(b"Subject", b"In-Reply-To: <a@b>\r\nSubject")
    lines = [b"--x", b"Content-Type: application/json", b"", b'{"threadId": "%s"}' % first["threadId"].encode()]
    lines += [b"--x", b"Content-Type: message/rfc822", b"", reply, b"--x--", b""]
    kind = {"content-type": 'multipart/related; boundary="x"'}
    upload = "/upload/gmail/v1/users/me/messages/send"
    sent = world.call("POST", upload, {"uploadType": "multipart"}, newline.join(lines), headers=kind)
    assert sent.json["threadId"] == first["threadId"]
    assert _bytes(world, sent.json["id"]).endswith(reply)


def test_draft_lives_changes_and_is_sent(world: World) -> None:
    draft = world.post(f"{ME}/drafts", {"message": _raw(MAIL)})
    assert draft["message"]["labelIds"] == ["DRAFT"]
    listed = world.get(f"{ME}/drafts")["drafts"]
    assert [d["id"] for d in listed] == [draft["id"]]
    changed = world.call(
        "PUT", f"{ME}/drafts/{draft['id']}", body={"message": _raw(MAIL.replace(b"Hello", b"Bye"))}
    ).json
    assert changed["id"] == draft["id"] and changed["message"]["id"] != draft["message"]["id"]
    assert changed["message"]["threadId"] == draft["message"]["threadId"]
    assert world.get(f"{ME}/drafts/{draft['id']}", format="minimal")["message"]["id"] == changed["message"]["id"]
    sent = world.post(f"{ME}/drafts/send", {"id": draft["id"]})
    assert sent["labelIds"] == ["SENT"] and b"Bye Bob" in _bytes(world, sent["id"])
    assert "drafts" not in world.get(f"{ME}/drafts")
    gone = world.post(f"{ME}/drafts", {"message": _raw(MAIL)})
    assert world.call("DELETE", f"{ME}/drafts/{gone['id']}").status == 204
    assert world.call("GET", f"{ME}/drafts/{gone['id']}").status == 404


def test_import_and_insert_put_where_told(world: World) -> None:
    old = MAIL.replace(b"Subject", b"Date: Thu, 1 Jan 2015 10:00:00 +0000\r\nSubject")
    first = world.post(f"{ME}/messages/import", _raw(old) | {"labelIds": ["INBOX"]})
    assert world.get(f"{ME}/messages/{first['id']}", format="minimal")["internalDate"] == "1420106400000"
    second = world.post(f"{ME}/messages", _raw(old) | {"labelIds": ["SENT"]})
    assert second["labelIds"] == ["SENT"] and _bytes(world, second["id"]) == old
    assert world.call("POST", f"{ME}/messages", body=_raw(old) | {"labelIds": ["DRAFT"]}).status == 400


def test_send_as_addresses(world: World) -> None:
    path = f"{ME}/settings/sendAs"
    assert [a["sendAsEmail"] for a in world.get(path)["sendAs"]] == [ADA]
    assert world.call("PATCH", f"{path}/{ADA}", body={"signature": "<b>A</b>"}).json["signature"] == "<b>A</b>"
    made = world.post(path, {"sendAsEmail": "info@ada.example", "displayName": "Info"})
    assert made["verificationStatus"] == "pending"
    assert world.call("POST", f"{path}/info@ada.example/verify").status == 204
    assert world.call("PUT", f"{path}/info@ada.example", body={"isDefault": True}).json["displayName"] == ""
    assert world.get(f"{path}/info@ada.example")["isDefault"] is True
    sent = world.post(f"{ME}/messages/send", _raw(MAIL.replace(b"From: ada@gmail", b"From: info@ada")))
    assert b"From: info@ada.example" in _bytes(world, sent["id"])
    assert world.call("DELETE", f"{path}/info@ada.example").status == 204
    assert world.call("DELETE", f"{path}/{ADA}").status == 400


def test_watch_lasts_a_week(world: World) -> None:
    topics.subscribe(world.store, "projects/osmen/subscriptions/mail", "projects/osmen/topics/mail", {})
    answer = world.post(f"{ME}/watch", {"topicName": "projects/osmen/topics/mail", "labelIds": ["INBOX"]})
    assert answer["historyId"] == world.get(f"{ME}/profile")["historyId"]
    assert int(answer["expiration"]) > world.store.now().timestamp() * 1000 + 6 * 86_400_000
    assert world.call("POST", f"{ME}/watch", body={"topicName": "mail"}).status == 400
    assert world.call("POST", f"{ME}/stop").status == 204
