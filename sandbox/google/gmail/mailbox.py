"""One account's mailbox: adding and removing messages, changing labels, and the history that records it.

Every change goes through here, so that the label index, the search index and the history cannot disagree. What a method
of the API allows is decided by its handler; threading follows Gmail: a shared reference and the same subject.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from sandbox.google.gmail.reading import Reading, read
from sandbox.store import Store

FIRST_HISTORY = 10_000
# Putting a message in one of these takes it out of the others.
_APART = {"TRASH": {"INBOX", "SPAM"}, "SPAM": {"INBOX", "TRASH"}}


class Mailbox:
    """The mailbox of one account. Call its writing methods inside ``store.write()``."""

    def __init__(self, store: Store, account_id: int) -> None:
        self.store = store
        self.account_id = account_id

    def open(self) -> None:
        """Make the mailbox if the account has none yet."""
        self.store.db.execute(
            "INSERT INTO gmail_mailbox (account_id, history_id, oldest_history) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (self.account_id, FIRST_HISTORY, FIRST_HISTORY),
        )

    # Reading ----------------------------------------------------------------------------------------------------

    def history_id(self) -> int:
        return int(self.store.value("SELECT history_id FROM gmail_mailbox WHERE account_id = ?", self.account_id))

    def message(self, message_id: str) -> sqlite3.Row | None:
        return self.store.row(
            "SELECT * FROM gmail_message WHERE account_id = ? AND id = ?", self.account_id, message_id
        )

    def thread(self, thread_id: str) -> list[sqlite3.Row]:
        """A conversation's messages, oldest first."""
        return self.store.rows(
            "SELECT * FROM gmail_message WHERE account_id = ? AND thread_id = ? ORDER BY received, number",
            self.account_id,
            thread_id,
        )

    def labels_of(self, number: int) -> list[str]:
        return [r["label_id"] for r in self.store.rows("SELECT label_id FROM gmail_labelling WHERE number = ?", number)]

    def raw(self, number: int) -> bytes:
        return bytes(self.store.value("SELECT raw FROM gmail_raw WHERE number = ?", number))

    # Writing ----------------------------------------------------------------------------------------------------

    def add(self, raw: bytes, received: datetime, labels: Iterable[str], *, thread_id: str = "") -> sqlite3.Row:
        """A new message. A ``thread_id`` is honoured only if that thread has the same subject, as Gmail demands."""
        reading, when = read(raw), int(received.timestamp() * 1000)
        message_id = self._new_id(when)
        thread = self._thread_for(reading, thread_id) or message_id
        labels = sorted(set(labels))
        history_id = self._record("messageAdded", message_id, thread, labels, labels)
        db = self.store.db
        cursor = db.execute(
            "INSERT INTO gmail_message"
            " (account_id, id, thread_id, received, history_id, size, snippet, subject, message_id, attached)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.account_id,
                message_id,
                thread,
                when,
                history_id,
                len(raw),
                _storable(reading.snippet),
                _storable(reading.subject),
                _storable(reading.message_id),
                reading.attached,
            ),
        )
        number = cursor.lastrowid
        db.execute("INSERT INTO gmail_raw VALUES (?, ?)", (number, raw))
        db.execute(
            "INSERT INTO gmail_words (rowid, subject, sender, recipients, copies, filenames, body, listed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *reading.words),
        )
        db.executemany(
            "INSERT INTO gmail_labelling VALUES (?, ?, ?, ?)", [(self.account_id, x, when, number) for x in labels]
        )
        db.executemany(
            "INSERT INTO gmail_reference VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(self.account_id, _storable(x), _storable(reading.topic), thread) for x in reading.references],
        )
        added = self.message(message_id)
        assert added is not None
        return added

    def change(self, message: sqlite3.Row, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change a message's labels; what is so already leaves no trace in the history."""
        had, add, remove = set(self.labels_of(message["number"])), set(add), set(remove)
        for label in add:
            remove |= _APART.get(label, set()) - add
        came, went = add - had, (remove & had) - add
        db, number = self.store.db, message["number"]
        if went:
            marks = ",".join("?" * len(went))
            db.execute(f"DELETE FROM gmail_labelling WHERE number = ? AND label_id IN ({marks})", (number, *went))
        db.executemany(
            "INSERT INTO gmail_labelling VALUES (?, ?, ?, ?)",
            [(self.account_id, x, message["received"], number) for x in came],
        )
        after, newest = sorted((had - went) | came), None
        for kind, labels in (("labelRemoved", went), ("labelAdded", came)):
            if labels:
                newest = self._record(kind, message["id"], message["thread_id"], sorted(labels), after)
        if newest:
            db.execute("UPDATE gmail_message SET history_id = ? WHERE number = ?", (newest, number))

    def remove(self, message: sqlite3.Row) -> None:
        """Delete a message for good."""
        labels = sorted(self.labels_of(message["number"]))
        for table in ("gmail_message", "gmail_raw", "gmail_labelling", "gmail_draft"):
            self.store.db.execute(f"DELETE FROM {table} WHERE number = ?", (message["number"],))
        self.store.db.execute("DELETE FROM gmail_words WHERE rowid = ?", (message["number"],))
        self._record("messageDeleted", message["id"], message["thread_id"], labels, labels)

    def expire_history(self) -> None:
        """Forget the history: every historyId handed out so far is too old."""
        newest = self._advance()
        self.store.db.execute("DELETE FROM gmail_history WHERE account_id = ?", (self.account_id,))
        self.store.db.execute(
            "UPDATE gmail_mailbox SET oldest_history = ? WHERE account_id = ?", (newest, self.account_id)
        )

    # Inside -----------------------------------------------------------------------------------------------------

    def _advance(self) -> int:
        """The next history id: higher, but not by one, so that nobody counts on it."""
        newest = self.history_id()
        newest += 1 + newest * 7 % 23
        self.store.db.execute("UPDATE gmail_mailbox SET history_id = ? WHERE account_id = ?", (newest, self.account_id))
        return newest

    def _record(self, kind: str, message_id: str, thread_id: str, labels: list[str], after: list[str]) -> int:
        newest = self._advance()
        self.store.db.execute(
            "INSERT INTO gmail_history VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.account_id, newest, kind, message_id, thread_id, json.dumps(labels), json.dumps(after)),
        )
        return newest

    def _new_id(self, when: int) -> str:
        """16 hex digits that grow with the date, the same ones for the same world."""
        db = self.store.db
        while True:
            db.execute("UPDATE gmail_mailbox SET counter = counter + 1 WHERE account_id = ?", (self.account_id,))
            counter = self.store.value("SELECT counter FROM gmail_mailbox WHERE account_id = ?", self.account_id)
            noise = hashlib.sha256(f"{self.account_id}/{counter}".encode()).digest()
            found = f"{(max(when, 0) << 20 | int.from_bytes(noise[:3]) >> 4) & (2**64 - 1):016x}"
            if self.message(found) is None:
                return found

    def _thread_for(self, reading: Reading, wanted: str) -> str:
        if wanted:
            there = self.thread(wanted)
            if there and read(self.raw(there[0]["number"])).topic == reading.topic:
                return wanted
        if not reading.references:
            return ""
        marks = ",".join("?" * len(reading.references))
        return (
            self.store.value(
                "SELECT thread_id FROM gmail_reference WHERE account_id = ? AND subject = ?"
                f" AND message_id IN ({marks})",
                self.account_id,
                _storable(reading.topic),
                *map(_storable, reading.references),
            )
            or ""
        )


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
