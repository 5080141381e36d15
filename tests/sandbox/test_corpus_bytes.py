"""Every message of the corpus comes back as the bytes that it was: Gmail's raw, Graph's $value. None is left out."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import google, microsoft
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from sandbox.world.corpus import corpus
from tests.sandbox.google_client import World
from tests.sandbox.graph_client import Graph

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = [
    pytest.mark.proofs,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus of real files is not beside the checkout"),
]


def _mail(provider: str) -> tuple[SeedAccount, Counter[str]]:
    """The corpus's mail alone, and how often each message is in it."""
    seeds, left_out = corpus(FOLDER, datetime(2026, 11, 23, tzinfo=UTC))
    assert not [what for what, _ in left_out.entries if what.startswith("mail/")]
    seed = next(one for one in seeds if one.provider == provider)
    known = SeedAccount(
        seed.provider, seed.email, seed.name, seed.subject, seed.tenant, seed.time_zone, seed.labels, seed.messages
    )
    return known, Counter(_digest(message.raw) for message in seed.messages)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_gmail_gives_every_message_back_as_it_was() -> None:
    seed, wanted = _mail("google")
    world = World(Store(None), [seed])
    found: Counter[str] = Counter()
    for message in google.messages(world.store, world.account()):
        shown = world.get(f"/gmail/v1/users/me/messages/{message['id']}", format="raw")
        found[_digest(base64.urlsafe_b64decode(shown["raw"]))] += 1
    assert found == wanted and wanted.total() > 1000


def test_graph_gives_every_message_back_as_it_was() -> None:
    seed, wanted = _mail("microsoft")
    g = Graph([seed])
    found: Counter[str] = Counter()
    for message in microsoft.messages(g.store, g.account()):
        answer = g.call("GET", f"me/messages/{message['id']}/$value")
        assert answer.status == 200
        found[_digest(answer.content)] += 1
        for attachment in g.get(f"me/messages/{message['id']}/attachments", select="id")["value"]:
            content = g.call("GET", f"me/messages/{message['id']}/attachments/{attachment['id']}/$value")
            assert content.status == 200 and "\n" not in content.headers["content-type"]
    assert found == wanted and wanted.total() > 1000
