"""What a message costs from an answer's bytes to the committed row, against the least that it could cost.

The floor parses the same JSON, decodes the same bodies and inserts into plain tables with four indexes, a page of 100
in a transaction, with a full-text index of subject and text; and once more without one. Ours takes Gmail's batch
answers apart, maps, stores, indexes everybody's names as well, sums up conversations and folders, and commits each page
with its cursor. CPU time, five passes in turn, medians. ``python benchmarks/sync.py [messages] [--profile]``.
"""

from __future__ import annotations

import base64
import cProfile
import os
import pstats
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parents[1]
PAGE, PASSES, GOAL = 100, 5, 2.5
WORDS = [f"word{n}" for n in range(5000)]


def answers(count: int, seed: int) -> list[bytes]:
    """Gmail's answers to ``messages.get``, about 12 KB each."""
    dice = random.Random(seed)
    return [orjson.dumps(_message(dice, f"{seed:x}{n:012x}", n)) for n in range(count)]


def _message(dice: random.Random, name: str, number: int) -> dict[str, Any]:
    text = " ".join(dice.choices(WORDS, k=250))
    html = "<p>" + "</p><p>".join(" ".join(dice.choices(WORDS, k=40)) for _ in range(15)) + "</p>"
    headers = {
        "From": f"Person {number % 90} <p{number % 90}@example.org>",
        "To": "Ada <ada@example.org>",
        "Subject": " ".join(dice.choices(WORDS, k=6)),
        "Date": "Mon, 02 Mar 2026 10:00:00 +0000",
        "Message-ID": f"<{name}@example.org>",
        **{f"X-Trace-{n}": "x" * 80 for n in range(20)},
    }
    parts = [
        {
            "partId": str(n),
            "mimeType": kind,
            "headers": [{"name": "Content-Type", "value": f"{kind}; charset=utf-8"}],
            "body": {"size": len(body), "data": base64.urlsafe_b64encode(body.encode()).decode()},
        }
        for n, (kind, body) in enumerate((("text/plain", text), ("text/html", html)))
    ]
    return {
        "id": name,
        "threadId": name if number % 3 else f"{name[:-1]}0",
        "labelIds": ["INBOX", "UNREAD"] if number % 4 else ["SENT"],
        "snippet": text[:180],
        "historyId": str(number),
        "internalDate": str(1_772_000_000_000 + number * 60_000),
        "sizeEstimate": len(text) + len(html),
        "payload": {
            "mimeType": "multipart/alternative",
            "headers": [{"name": n, "value": v} for n, v in headers.items()],
            "body": {"size": 0},
            "parts": parts,
        },
    }


def pages(items: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(items), PAGE):
        yield items[start : start + PAGE]


class Floor:
    """Plain SQLite, as the database of OsMEN is set up; with a full-text index of subject and body, or without."""

    def __init__(self, path: str, *, indexed: bool) -> None:
        self.indexed = indexed
        self.db = sqlite3.connect(path)
        self.db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE message (id INTEGER PRIMARY KEY, name TEXT UNIQUE, thread TEXT, date INTEGER, sender TEXT,"
            " subject TEXT, snippet TEXT, unread INTEGER);"
            "CREATE INDEX a ON message (thread, date); CREATE INDEX b ON message (date);"
            "CREATE INDEX c ON message (unread, date); CREATE INDEX d ON message (sender);"
            "CREATE TABLE body (id INTEGER PRIMARY KEY, text TEXT, html TEXT);"
            "CREATE TABLE label (message INTEGER, name TEXT, PRIMARY KEY (message, name));"
        )
        self.db.execute("CREATE VIRTUAL TABLE words USING fts5(subject, text, content='')")
        self.next = 1

    def received(self, items: list[bytes]) -> list[bytes]:
        """A page as it comes from the network."""
        return items

    def store(self, received: list[bytes]) -> None:
        messages, bodies, labels = [], [], []
        for raw in received:
            m = orjson.loads(raw)
            headers = {h["name"]: h["value"] for h in m["payload"]["headers"]}
            text, html = (base64.urlsafe_b64decode(p["body"]["data"]).decode() for p in m["payload"]["parts"])
            key, self.next = self.next, self.next + 1
            facts = (m["id"], m["threadId"], int(m["internalDate"]), headers["From"], headers["Subject"], m["snippet"])
            messages.append((key, *facts, "UNREAD" in m["labelIds"]))
            bodies.append((key, text, html))
            labels += [(key, label) for label in m["labelIds"]]
        with self.db:
            self.db.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)", messages)
            self.db.executemany("INSERT INTO body VALUES (?, ?, ?)", bodies)
            if self.indexed:
                words = [(m[0], m[5], b[1]) for m, b in zip(messages, bodies, strict=True)]
                self.db.executemany("INSERT INTO words (rowid, subject, text) VALUES (?, ?, ?)", words)
            self.db.executemany("INSERT INTO label VALUES (?, ?)", labels)


class Ours:
    """A leased mailbox, saved into page by page."""

    def __init__(self) -> None:
        from accounts.models import User
        from integrations.models import Collection, Connection, OAuthApp
        from integrations.sync import leases
        from mail.models import Folder

        user = User.objects.create(email="bench@example.org")
        app = OAuthApp.objects.create(provider="google", client_id="bench")
        connection = Connection.objects.create(user=user, app=app, provider="google", subject="1", email=user.email)
        for name, role in (("INBOX", "inbox"), ("SENT", "sent"), ("UNREAD", "unread")):
            Folder.objects.create(connection=connection, provider_id=name, name=name, role=role)
        row = Collection.objects.create(connection=connection, service="mail", provider_id="mailbox", name="Mailbox")
        collection = leases.claim(row.pk)
        assert collection is not None
        self.collection = collection

    def received(self, items: list[bytes]) -> list[bytes]:
        """A page as it comes from the network: Gmail's batch answers."""
        return list(batched(items))

    def store(self, received: list[bytes]) -> None:
        from importlib import import_module

        from integrations.providers.http import Response
        from integrations.records import Page
        from integrations.sync import loop

        batch, mapping = (import_module(f"integrations.providers.google.{name}") for name in ("batch", "gmail_message"))
        answers = [Response(200, BATCHED, answer) for answer in received]
        parts = [part for answer in answers for _, part in batch.decode(answer)]
        records = tuple(mapping.mail_record(part.json(), lambda _: b"") for part in parts)
        loop.save(self.collection, Page("cursor", records, full=True))


BATCHED = {"content-type": "multipart/mixed; boundary=batch_of_answers"}


def batched(items: list[bytes], size: int = 50) -> Iterator[bytes]:
    """Answers as Gmail puts them into one."""
    head = b"--batch_of_answers\r\nContent-Type: application/http\r\nContent-ID: <response-part-%d>\r\n\r\n"
    status = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nVary: Origin\r\n\r\n"
    for start in range(0, len(items), size):
        parts = [head % n + status + raw + b"\r\n" for n, raw in enumerate(items[start : start + size])]
        yield b"".join((*parts, b"--batch_of_answers--\r\n"))


def cpu(side: Floor | Ours, items: list[bytes]) -> float:
    """Milliseconds of CPU for each message."""
    received = [side.received(page) for page in pages(items)]
    started = time.process_time()
    for page in received:
        side.store(page)
    return (time.process_time() - started) * 1000 / len(items)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    home = tempfile.mkdtemp(prefix="osmen-bench-")
    os.environ.update(OSMEN_HOME=home, DJANGO_SETTINGS_MODULE="osmen_web.settings", OSMEN_LOG_LEVEL="ERROR")
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", verbosity=0)
    from osmen_web.celery import settle_memory

    settle_memory()  # as in a worker; the floor has the same
    plain, indexed = (Floor(f"{home}/{name}.sqlite3", indexed=name == "indexed") for name in ("plain", "indexed"))
    sides: tuple[Floor | Ours, ...] = (plain, indexed, Ours())
    for side in sides:
        cpu(side, answers(PAGE, 99))
    passes = []
    for seed in range(PASSES):
        items = answers(count, seed + 1)
        passes.append([cpu(side, items) for side in sides])
    floor, with_index, ours = (statistics.median(column) for column in zip(*passes, strict=True))
    print(f"floor {floor:.3f} ms, with a full-text index {with_index:.3f} ms, ours {ours:.3f} ms of CPU a message")
    ratio = statistics.median(o / i for _, i, o in passes)
    print(f"ratio {ratio:.2f} (goal {GOAL})")
    if "--profile" in sys.argv:
        profile = cProfile.Profile(time.process_time)
        profile.runcall(cpu, sides[-1], answers(count, 50))
        pstats.Stats(profile).sort_stats("cumulative").print_stats(
            r"mail/|google/|mime|sync/|commit|executemany|get_prep_lookup"
        )
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
