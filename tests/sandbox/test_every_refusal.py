"""Every method of Google's and every operation of Graph, refused in every way: each body is what the contracts say.

That each method succeeds as the contract says is in ``test_google_contract`` and ``test_graph_operations``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import faults
from sandbox.app import create_app
from sandbox.google.calendar.methods import TABLE as CALENDAR
from sandbox.google.contract import document
from sandbox.google.gmail.methods import TABLE as GMAIL
from sandbox.google.people.methods import TABLE as PEOPLE
from sandbox.microsoft.operations import OPERATIONS
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.google_client import ALL, World
from tests.sandbox.graph_client import ALL as OWN_MAILBOX
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO
from tests.sandbox.test_google_contract import EXTRA
from tests.sandbox.test_graph_contract import NOT_STATED

TABLES = {"gmail": GMAIL, "calendar": CALENDAR, "people": PEOPLE}
SEEDS = {"google": SeedAccount("google", BO, "Bo", "1"), "microsoft": SeedAccount("microsoft", BO, "Bo", "oid")}
EVERY_SCOPE = OWN_MAILBOX | {"Calendars.Read.Shared"}
_PLACE = re.compile(r"\{\+?(\w+)\}")


def _methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _google(name: str) -> Iterator[tuple[str, str]]:
    """Every method that the sandbox offers: its verb, and its path with ids that nothing has."""
    stated = document(name)
    for method in _methods(stated):
        if method["id"] in TABLES[name]:
            known = method.get("parameters", {})
            patterns = {
                each: known[each].get("pattern", "[^/]+").strip("^$") for each in _PLACE.findall(method["path"])
            }
            path = method["path"]
            for each, pattern in patterns.items():
                value = {"userId": "me", "calendarId": "primary"}.get(each, pattern.replace("[^/]+", "nothing"))
                path = re.sub(rf"\{{\+?{each}\}}", value, path)
            yield method["httpMethod"], f"/{stated['servicePath']}{path}"


def _refusals(store: Store, service: str, few: str, options: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every way in which a call is refused, and what to call with; the faults happen while it is looked at."""
    yield "no token", {"token": "nobody's"}
    yield "few scopes", {"token": few}
    yield "options", {"query": options}
    yield "nonsense", {"body": {"nonsense": [None]}}
    yield "no JSON", {"body": b"{"}
    faults.plan(store, service, "rate-limit", seconds=5)
    yield "too many", {}
    faults.clear(store)
    faults.plan(store, service, "server-errors", amount=1)
    yield "down", {}
    faults.clear(store)


def _check(reply: Any, way: str, wanted: set[int]) -> None:
    assert reply.status in wanted, (way, reply.status, reply.content)
    assert not reply.content or reply.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("name", TABLES)
def test_googles_refusals_are_its_own(name: str) -> None:
    world = World(Store(None), [SEEDS["google"]], ALL | EXTRA)
    world.app = create_app(world.store)
    few = world.grant(BO, {"openid"})
    paths = list(_google(name))
    assert len(paths) == len(TABLES[name])
    wanted = {"no token": {401}, "few scopes": {403}, "options": {400}, "too many": {403, 429}, "down": {503}}
    for verb, path in paths:
        for way, call in _refusals(world.store, name, few, {"maxResults": "many", "alt": "xml"}):
            _check(world.call(verb, path, **call), way, wanted.get(way, {200, 204, 400, 403, 404}))


def test_graphs_refusals_are_its_own() -> None:
    g = Graph([SEEDS["microsoft"]], EVERY_SCOPE)
    g.app = create_app(g.store)
    few = g.grant(BO, {"openid"})
    zones = "supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')"
    wanted = {"no token": {401}, "too many": {429}, "down": {503}}
    for one in OPERATIONS:
        if f"{one.method} {one.pattern}" in NOT_STATED:
            continue
        path = one.pattern.replace("supportedTimeZones/{}", zones).replace("{}", "nothing")
        for way, call in _refusals(g.store, "graph", few, {"$top": "many", "$nothing": "1"}):
            needed = {403} if way == "few scopes" and one.scope else {200, 201, 202, 204, 400, 404, 405}
            _check(g.call(one.method, path, **call), way, wanted.get(way, needed))
