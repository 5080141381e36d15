"""The sandbox's Graph beside Microsoft's contract: the same operations, scopes and property names."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import microsoft
from sandbox.microsoft.calendar.render import CALENDAR, EVENT
from sandbox.microsoft.clock import instant
from sandbox.microsoft.contacts.render import CONTACT
from sandbox.microsoft.mail.render import MEETING, MESSAGE
from sandbox.microsoft.odata import Entity
from sandbox.microsoft.operations import OPERATIONS
from sandbox.seeds import SeedAccount, SeedContact
from sandbox.store import Store
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_schema import CONTRACT, needs_contract, operations, properties
from tests.sandbox.graph_seeds import BO, graph, letter

CORPUS = CONTRACT.parents[1] / "corpus"
NOT_STATED = {  # refused with words, or a twin of what is stated
    "GET me/messages/delta",
    "PATCH me/calendars/{}/events/{}",
    "DELETE me/calendars/{}/events/{}",
}


def _ours() -> dict[str, str]:
    return {f"{one.method} {one.pattern}": one.scope for one in OPERATIONS}


@needs_contract
def test_every_operation_is_in_the_contract_with_the_same_least_scope() -> None:
    stated = operations()
    ours = {name: scope for name, scope in _ours().items() if name not in NOT_STATED}
    assert {name: stated.get(name, "not stated") for name in ours} == ours


@needs_contract
@pytest.mark.parametrize("entity", [MESSAGE, EVENT, CALENDAR, CONTACT], ids=lambda entity: str(entity.name))
def test_every_property_is_in_the_contract(entity: Entity) -> None:
    known = properties(entity.name)
    names = entity.properties - (MEETING if entity is MESSAGE else frozenset())
    assert names | entity.asked <= known


@pytest.mark.proofs
@needs_contract
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the checkout")
def test_the_whole_corpus_is_shown_by_the_contract(tmp_path: Path) -> None:
    from sandbox.world.corpus import corpus

    store = Store(tmp_path / "sandbox.sqlite3")
    seeds, _ = corpus(CORPUS, store.now())
    own: list[SeedAccount] = [seed for seed in seeds if seed.provider == "microsoft"]
    g = Graph(own, store=store)
    counted = microsoft.counts(store, g.account())
    wanted = "attachments($select=id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId)"
    mail, prefer = 0, 'IdType="ImmutableId", odata.maxpagesize=200'
    for folder in g.get("me/mailFolders", top=500)["value"]:
        path = f"me/mailFolders/{folder['id']}/messages/delta"
        items, link = g.round(path, prefer, orderby="receivedDateTime desc", expand=wanted)
        assert len({one["id"] for one in items}) == folder["totalItemCount"] and g.round(link, prefer)[0] == []
        mail += len(items)
    events = 0
    for calendar in g.get("me/calendars", top=500)["value"]:
        for page in g.pages(f"me/calendars/{calendar['id']}/events", top=500, expand="exceptionOccurrences"):
            events += sum(1 + len(one["exceptionOccurrences"]) for one in page["value"])
    people = sum(len(page["value"]) for page in g.pages("me/contacts", top=500))
    assert {"messages": mail, "events": events, "contacts": people} == counted


def test_key_forms_and_slash_forms_are_the_same_path() -> None:
    from sandbox.microsoft.router import segments

    assert segments("me/mailFolders('in''box')/messages/delta") == ["me", "mailFolders", "in'box", "messages", "delta"]
    assert segments("me/messages/delta()") == ["me", "messages", "delta"]
    assert segments("me/mailFolders/a%2Fb%3D") == ["me", "mailFolders", "a/b="]
    assert re.fullmatch(r"[A-Za-z]+", segments("me")[0])


def test_the_built_in_world_is_shown_by_the_contract() -> None:
    from sandbox.world import world

    store = Store(None)
    own = [seed for seed in world(store.now()) if seed.provider == "microsoft"]
    g = Graph(own, store=store)
    now = store.now()
    window = {"startDateTime": instant(now - timedelta(days=90)), "endDateTime": instant(now + timedelta(days=90))}
    for seed in own:
        g.token = g.grant(seed.email, g.scopes)
        counted = microsoft.counts(store, g.account(seed.email))
        messages = [one for page in g.pages("me/messages", top=100, expand="attachments") for one in page["value"]]
        assert len(messages) == counted["messages"] == len(seed.messages)
        for calendar in g.get("me/calendars")["value"]:
            items, link = g.round(f"me/calendars/{calendar['id']}/calendarView/delta", "odata.maxpagesize=50", **window)
            assert len({one["id"] for one in items}) == len(items) and g.round(link)[0] == []
        people = [one for page in g.pages("me/contacts", top=100) for one in page["value"]]
        assert len(people) == counted["contacts"] == len(seed.contacts)


def test_a_mailbox_and_its_links_outlive_a_restart(tmp_path: Path) -> None:
    path = "me/mailFolders/inbox/messages/delta"
    first = Graph([SeedAccount("microsoft", BO, "Bo", "oid", messages=(letter(1),))], store=Store(tmp_path / "s"))
    items, link = first.round(path)
    first.patch(f"me/messages/{items[0]['id']}", {"isRead": False})
    again = Graph([SeedAccount("microsoft", BO, "Bo", "oid")], store=Store(tmp_path / "s"))
    assert [(one["id"], one["isRead"]) for one in again.round(link)[0]] == [(items[0]["id"], False)]


def test_a_reset_brings_back_the_same_ids() -> None:
    g = graph([letter(1), letter(2)])
    before = [one["id"] for one in g.get("me/messages")["value"]]
    microsoft.clear(g.store)
    assert microsoft.counts(g.store, g.account()) == {"messages": 0, "events": 0, "contacts": 0}
    microsoft.load(g.store, g.seeds[0])
    assert [one["id"] for one in g.get("me/messages")["value"]] == before


@pytest.mark.parametrize(
    "value", [None, True, 7, 1.5, "x", [], [None], [{}], {}, {"a": 1}, {"dateTime": "9999"}, "\ud800"]
)
def test_no_value_of_a_property_breaks_the_service(value: Any) -> None:
    g = graph([letter(1)], [], contacts=(SeedContact("Ada"),))
    times = {name: {"dateTime": "2026-06-15T10:00", "timeZone": "UTC"} for name in ("start", "end")}
    message, person = (g.get(path)["value"][0]["id"] for path in ("me/messages", "me/contacts"))
    event = g.post("me/events", times)["id"]
    settings = Entity("mailboxSettings", frozenset(g.get("me/mailboxSettings")) - {"@odata.context"})
    calls: list[tuple[str, str, Entity, dict[str, Any]]] = [
        ("POST", "me/messages", MESSAGE, {}),
        ("PATCH", f"me/messages/{message}", MESSAGE, {}),
        ("POST", "me/events", EVENT, times),
        ("PATCH", f"me/events/{event}", EVENT, {}),
        ("POST", "me/contacts", CONTACT, {}),
        ("PATCH", f"me/contacts/{person}", CONTACT, {}),
        ("PATCH", "me/mailboxSettings", settings, {}),
    ]
    for method, path, entity, body in calls:
        for name in sorted(entity.properties | entity.asked | entity.links):
            status = g.call(method, path, body=body | {name: value}).status
            assert status in (200, 201, 400, 403), (method, path, name)
