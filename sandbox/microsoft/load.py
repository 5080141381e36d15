"""Fills an account: mail, calendars and contacts of a seed. What Graph could not hold is left out with the reason."""

from __future__ import annotations

import json
from typing import Any

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.microsoft import ids, zones
from sandbox.microsoft.calendar import attendant
from sandbox.microsoft.calendar import seeding as events
from sandbox.microsoft.contacts import seeding as contacts
from sandbox.microsoft.contacts.store import add_folder
from sandbox.microsoft.mail import tree
from sandbox.microsoft.mail.store import State, insert
from sandbox.microsoft.schema import TABLES
from sandbox.seeds import LeftOut, SeedAccount
from sandbox.store import Store

BOXES = {
    "inbox": "inbox",
    "sent": "sentitems",
    "drafts": "drafts",
    "archive": "archive",
    "trash": "deleteditems",
    "spam": "junkemail",
}


def load(store: Store, seed: SeedAccount) -> LeftOut:
    """Make the account of a seed, or add to it; answers what could not be taken."""
    left_out = LeftOut()
    with store.write():
        account = accounts.create(
            store,
            "microsoft",
            seed.email,
            seed.name,
            subject=seed.subject,
            tenant=seed.tenant,
            time_zone=seed.time_zone,
        )
        mailbox(store, account)
        for name in seed.labels:
            tree.named(store, account, name)
        _mail(store, account, seed)
        events.load(store, account, seed, left_out)
        contacts.load(store, account, seed, left_out)
    return left_out


def mailbox(store: Store, account: Account) -> None:
    """The folders and the calendar that an account has from the start."""
    if store.value("SELECT 1 FROM graph_folder WHERE account = ?", account.id):
        return
    zone = zones.outlook_name(account.time_zone)
    with store.write() as db:
        settings = json.dumps({"timeZone": zone})
        db.execute(
            "INSERT INTO graph_mailbox (account, settings) VALUES (?, ?) ON CONFLICT DO NOTHING", (account.id, settings)
        )
    tree.create_all(store, account)
    events.calendar(store, account, "Calendar", default=True)
    add_folder(store, account, "Contacts", default=True)


def _mail(store: Store, account: Account, seed: SeedAccount) -> None:
    for message in sorted(seed.messages, key=lambda one: one.received):
        if message.labels and message.box == "inbox":
            folder = tree.named(store, account, message.labels[0])
        else:
            folder = tree.well_known(store, account, BOXES[message.box])
        state = State(
            folder, message.received, not message.unread, message.starred, message.important, message.box == "drafts"
        )
        insert(store, account, message.raw, state)


def clear(store: Store) -> None:
    """Remove everything that the accounts hold."""
    with store.write() as db:
        for table in TABLES:
            db.execute(f"DELETE FROM {table}")
        db.execute(
            "DELETE FROM sqlite_sequence WHERE name LIKE 'graph\\_%' ESCAPE '\\'"
        )  # the same world, the same ids


def deliver(store: Store, account: Account, raw: bytes) -> None:
    """Mail arrives in the inbox; an invitation in it comes into the calendar, too."""
    with store.write():
        mailbox(store, account)
        insert(store, account, raw, State(tree.well_known(store, account, "inbox"), store.now(), read=False))
        attendant.take(store, account, raw)


def counts(store: Store, account: Account) -> dict[str, int]:
    """What the account holds; cancelled occurrences are no events."""
    tables = {
        "messages": "graph_message WHERE account = ?",
        "events": "graph_event WHERE account = ? AND kind <> 'cancelled'",
        "contacts": "graph_contact WHERE account = ?",
    }
    return {name: int(store.value(f"SELECT COUNT(*) FROM {rest}", account.id)) for name, rest in tables.items()}


def messages(store: Store, account: Account) -> list[dict[str, Any]]:
    """Immutable id, folder and subject of every message. Well-known folders go by that name."""
    rows = store.rows(
        "SELECT m.id, m.subject, COALESCE(NULLIF(f.well_known, ''), f.name) AS folder FROM graph_message m"
        " JOIN graph_folder f ON f.id = m.folder WHERE m.account = ? ORDER BY m.received DESC, m.id DESC",
        account.id,
    )
    return [
        {"id": ids.make(account, "message", r["id"], immutable=True), "folder": r["folder"], "subject": r["subject"]}
        for r in rows
    ]
