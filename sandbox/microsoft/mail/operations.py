"""The operations of mail."""

from __future__ import annotations

from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.mail import attachments, drafts, edits, folders, messages, mime, sending
from sandbox.microsoft.router import Operation

BASIC, READ, WRITE, SEND = "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite", "Mail.Send"


def _attachments(call: Call, message: str) -> Answer:
    row = messages.find(call, message)
    return attachments.index(call, f"messages('{message}')/attachments", message=row["id"])


def _attachment(call: Call, message: str, attachment: str) -> Answer:
    return attachments.one(call, attachments.find(call, attachment, message=messages.find(call, message)["id"]))


def _attachment_bytes(call: Call, message: str, attachment: str) -> Answer:
    return attachments.content(call, attachments.find(call, attachment, message=messages.find(call, message)["id"]))


def _no_delta(call: Call) -> Answer:
    raise bad_request("Change tracking is only supported on the messages of a folder.", "ErrorInvalidRequest")


MAIL: list[Operation] = [
    Operation("GET", "me/mailFolders", BASIC, folders.index),
    Operation("POST", "me/mailFolders", WRITE, folders.create),
    Operation("GET", "me/mailFolders/delta", BASIC, folders.changes),
    Operation("GET", "me/mailFolders/{}", BASIC, folders.get),
    Operation("PATCH", "me/mailFolders/{}", WRITE, folders.rename),
    Operation("DELETE", "me/mailFolders/{}", WRITE, folders.remove),
    Operation("GET", "me/mailFolders/{}/childFolders", BASIC, folders.children),
    Operation("POST", "me/mailFolders/{}/childFolders", WRITE, folders.create_child),
    Operation("POST", "me/mailFolders/{}/move", WRITE, folders.move),
    Operation("POST", "me/mailFolders/{}/copy", WRITE, folders.copy),
    Operation("POST", "me/mailFolders/{}/permanentDelete", WRITE, folders.destroy),
    Operation("GET", "me/mailFolders/{}/messages", BASIC, messages.index),
    Operation("POST", "me/mailFolders/{}/messages", WRITE, drafts.create_in),
    Operation("GET", "me/mailFolders/{}/messages/delta", BASIC, messages.changes),
    Operation("GET", "me/mailFolders/{}/messages/{}", BASIC, messages.get_in),
    Operation("GET", "me/messages", BASIC, messages.everywhere),
    Operation("POST", "me/messages", WRITE, drafts.create),
    Operation("GET", "me/messages/delta", BASIC, _no_delta),
    Operation("GET", "me/messages/{}", BASIC, messages.get),
    Operation("PATCH", "me/messages/{}", WRITE, edits.update),
    Operation("DELETE", "me/messages/{}", WRITE, edits.remove),
    Operation("POST", "me/messages/{}/move", WRITE, edits.move),
    Operation("POST", "me/messages/{}/copy", WRITE, edits.copy),
    Operation("POST", "me/messages/{}/permanentDelete", WRITE, edits.destroy),
    Operation("GET", "me/messages/{}/$value", READ, mime.value),
    Operation("GET", "me/messages/{}/attachments", READ, _attachments),
    Operation("GET", "me/messages/{}/attachments/{}", READ, _attachment),
    Operation("GET", "me/messages/{}/attachments/{}/$value", READ, _attachment_bytes),
    Operation("POST", "me/messages/{}/attachments", WRITE, drafts.attach),
    Operation("DELETE", "me/messages/{}/attachments/{}", WRITE, drafts.detach),
    Operation("POST", "me/messages/{}/createReply", WRITE, drafts.reply),
    Operation("POST", "me/messages/{}/createReplyAll", WRITE, drafts.reply_all),
    Operation("POST", "me/messages/{}/createForward", WRITE, drafts.forward),
    Operation("POST", "me/messages/{}/reply", SEND, sending.reply),
    Operation("POST", "me/messages/{}/replyAll", SEND, sending.reply_all),
    Operation("POST", "me/messages/{}/forward", SEND, sending.forward),
    Operation("POST", "me/messages/{}/send", SEND, sending.send),
    Operation("POST", "me/sendMail", SEND, sending.send_mail),
]
