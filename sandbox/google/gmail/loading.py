"""Puts a seeded account's mail into its mailbox, and mail that arrives."""

from __future__ import annotations

from datetime import datetime

from sandbox.google.gmail import drafts, labels
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.seeds import LeftOut, SeedAccount, SeedMessage
from sandbox.store import Store

_BOXES = {
    "inbox": ["INBOX"],
    "sent": ["SENT"],
    "drafts": ["DRAFT"],
    "trash": ["TRASH"],
    "spam": ["SPAM"],
    "archive": [],
}


def prepare(store: Store, account_id: int) -> Mailbox:
    """The account's mailbox with the system's labels; made if it is not there. Call it inside ``store.write()``."""
    mailbox = Mailbox(store, account_id)
    mailbox.open()
    labels.create_system(store, account_id)
    return mailbox


def load(store: Store, account_id: int, seed: SeedAccount, left_out: LeftOut) -> None:
    """Every message of the seed, oldest first, as if it had arrived so. A message without bytes is left out."""
    mailbox = prepare(store, account_id)
    for name in seed.labels:
        labels.create_user(store, account_id, name)
    for message in sorted(seed.messages, key=lambda m: m.received):
        if not message.raw.strip():
            left_out.add(f"{seed.email}: a message of {message.received:%Y-%m-%d}", "it is empty")
            continue
        added = mailbox.add(message.raw, message.received, _labels_for(store, account_id, message))
        if message.box == "drafts":
            drafts.keep(mailbox, added)


def _labels_for(store: Store, account_id: int, message: SeedMessage) -> list[str]:
    found = list(_BOXES[message.box])
    found += [labels.create_user(store, account_id, name) for name in message.labels]
    flags = (("UNREAD", message.unread), ("STARRED", message.starred), ("IMPORTANT", message.important))
    found += [label for label, on in flags if on]
    if message.category:
        found.append(f"CATEGORY_{message.category.upper()}")
    elif message.box == "inbox":
        found.append("CATEGORY_PERSONAL")
    return found


def deliver(store: Store, account_id: int, raw: bytes, received: datetime) -> str:
    """A message that comes in by mail: unread, in the inbox. Returns its id."""
    mailbox = prepare(store, account_id)
    return str(mailbox.add(raw, received, ["INBOX", "UNREAD", "CATEGORY_PERSONAL"])["id"])
