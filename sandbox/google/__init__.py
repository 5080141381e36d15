"""The sandbox's Google: the Gmail, Calendar and People APIs over the accounts of its world.

What the rest of the sandbox may ask of a vendor is here. Signing in and tokens are in ``sandbox.oauth.google``.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.routing import BaseRoute, Route

from sandbox import accounts, faults
from sandbox import quotas as limits
from sandbox.accounts import Account
from sandbox.google.batch import Batch
from sandbox.google.calendar import loading as calendar_loading
from sandbox.google.calendar import methods as calendar_methods
from sandbox.google.calendar import notices
from sandbox.google.calendar import tables as calendar_tables
from sandbox.google.endpoints import Service
from sandbox.google.gmail import loading as gmail_loading
from sandbox.google.gmail import methods as gmail_methods
from sandbox.google.gmail import tables as gmail_tables
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.google.people import lateness
from sandbox.google.people import loading as people_loading
from sandbox.google.people import methods as people_methods
from sandbox.google.people import tables as people_tables
from sandbox.google.people.photos import Photos
from sandbox.pubsub import topics
from sandbox.seeds import LeftOut, SeedAccount
from sandbox.store import Store

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def prepare(store: Store) -> None:
    """Create the tables if they are not there."""
    for tables in (faults, limits, gmail_tables, calendar_tables, people_tables, lateness, topics):
        store.ensure(tables.SCHEMA)


def routes(store: Store) -> list[BaseRoute]:
    """The addresses of the APIs, at the paths at which Google has them."""
    prepare(store)
    mail = Service(store, "gmail", gmail_methods.TABLE)
    events = Service(store, "calendar", calendar_methods.TABLE)
    contacts = Service(store, "people", people_methods.TABLE)
    return [
        Route("/gmail/v1/{rest:path}", mail.serve, methods=_VERBS),
        Route("/upload/gmail/v1/{rest:path}", mail.serve, methods=_VERBS),
        Route("/calendar/v3/{rest:path}", events.serve, methods=_VERBS),
        Route("/batch/gmail/v1", Batch(mail).serve, methods=["POST"]),
        Route("/batch/calendar/v3", Batch(events).serve, methods=["POST"]),
        Route("/batch", Batch(contacts, mail, events).serve, methods=["POST"]),
        Route("/v1/{rest:path}", contacts.serve, methods=_VERBS),
        Route("/google/photos/{account:int}/{person}/{key}", Photos(store).serve),
    ]


def load(store: Store, seed: SeedAccount) -> LeftOut:
    """Make the account if it is not there, and put the seed's mail, calendars and contacts into it."""
    prepare(store)
    left_out = LeftOut()
    with store.write():
        account = accounts.create(
            store, "google", seed.email, seed.name, subject=seed.subject, tenant=seed.tenant, time_zone=seed.time_zone
        )
        gmail_loading.load(store, account.id, seed, left_out)
        calendar_loading.load(store, account, seed, left_out)
        people_loading.load(store, account.id, seed, left_out)
    return left_out


def clear(store: Store) -> None:
    """Forget everything that is in the accounts; the accounts themselves are not ours."""
    prepare(store)
    with store.write() as db:
        for table in (*gmail_tables.TABLES, *calendar_tables.TABLES, *people_tables.TABLES):
            db.execute(f"DELETE FROM {table}")


def counts(store: Store, account: Account) -> dict[str, int]:
    """How much is in an account. Events are masters, exceptions that are not cancelled, and single events."""
    prepare(store)
    events = "SELECT count(*) FROM calendar_event WHERE account_id = ? AND NOT cancelled"
    contacts = "SELECT count(*) FROM people_person WHERE account_id = ? AND NOT deleted"
    return {
        "messages": store.value("SELECT count(*) FROM gmail_message WHERE account_id = ?", account.id),
        "events": store.value(events, account.id),
        "contacts": store.value(contacts, account.id),
    }


def messages(store: Store, account: Account) -> list[dict[str, Any]]:
    """Every message of an account, newest first: id, labels, subject."""
    prepare(store)
    found = store.rows(
        "SELECT m.id, m.subject,"
        " (SELECT json_group_array(label_id) FROM gmail_labelling l WHERE l.number = m.number) AS labels"
        " FROM gmail_message m WHERE m.account_id = ? ORDER BY m.received DESC, m.number DESC",
        account.id,
    )
    return [{"id": r["id"], "labels": sorted(json.loads(r["labels"])), "subject": r["subject"]} for r in found]


def deliver(store: Store, account: Account, raw: bytes) -> None:
    """Mail that arrives for an account now; an invitation in it comes into the calendar, too."""
    with store.write():
        gmail_loading.deliver(store, account.id, raw, store.now())
        notices.take(store, account, raw)


def expire_cursors(store: Store, account: Account) -> None:
    """Make every cursor that an account's clients hold too old: Gmail answers 404, Calendar 410, People 400."""
    with store.write() as db:
        Mailbox(store, account.id).expire_history()
        for table in ("calendar_calendar", "calendar_account", "people_book"):
            db.execute(f"UPDATE {table} SET generation = generation + 1 WHERE account_id = ?", (account.id,))
