"""A local edit on its way to a provider."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Operation(enum.StrEnum):
    """What the outbox can carry. The payload's keys are stated beside each."""

    MAIL_MODIFY = "mail.modify"  # {"add": [folder id], "remove": [folder id], "unread": bool?, "starred": bool?}
    MAIL_MOVE = "mail.move"  # {"to": folder id, "from": folder id}
    MAIL_SEND = "mail.send"  # {"to", "cc", "bcc": [[address, name]], "subject", "text"}, and of a reply {"thread_id",
    # "reply_to": id of the message answered, "in_reply_to": its Message-ID, "references": [Message-ID]}, or
    # {"thread_id", "forward": id of the message that goes along, whole}, which is sent outside of that conversation
    # Fields of an event go by the names of ``EventRecord``: times in ISO 8601 (a date is all-day), attendees as
    # addresses. "notify" says whether guests are told, where the vendor leaves that open.
    EVENT_CREATE = "event.create"  # {"fields": {name: value}, "notify": bool?}; target: a temporary id, 32 hex digits,
    # which Google takes over; at Microsoft it is in the answer's former ids
    EVENT_UPDATE = "event.update"  # {"fields": {name: value}, "was": {name: value}, "notify": bool?}
    EVENT_DELETE = "event.delete"  # {"notify": bool?}
    # An edit of one instance of a series names it: {"series": the series' id, "instance": its original start}.
    EVENT_ANSWER = "event.answer"  # {"answer": an ``Answer``, "comment": str?, "notify": bool?}
    # Fields of a contact go by the names of ``ContactRecord``; emails and phones are lists of [value, label].
    CONTACT_CREATE = "contact.create"  # {"fields": {name: value}}; target: a temporary id, in the answer's former ids
    CONTACT_UPDATE = "contact.update"  # {"fields": {name: value}, "was": {name: value}}: the same names in both
    CONTACT_DELETE = "contact.delete"  # {}


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A local edit as a provider gets it. ``key`` is the idempotency key, the same on every attempt.

    ``repeated`` says that an earlier attempt may have arrived.
    """

    key: str
    operation: Operation
    target_id: str
    payload: dict[str, object]
    collection_id: str = ""
    repeated: bool = False
