"""Quotas: Gmail's units in both tables, calls a minute at Calendar, buckets at People, requests at Outlook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import quotas
from sandbox.google import prices
from sandbox.google.contract import api
from sandbox.google.gmail import methods
from sandbox.google.people.methods import TABLE as PEOPLE
from sandbox.microsoft import quotas as outlook
from sandbox.quotas import Window
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.conftest import Sandbox
from tests.sandbox.google_client import ALL, World
from tests.sandbox.graph_seeds import graph

ADA = SeedAccount("google", "ada@gmail.example", "Ada", "1")
EVA = SeedAccount("google", "eva@gmail.example", "Eva", "2")


@pytest.fixture
def world() -> World:
    return World(Store(None), [ADA, EVA])


# Gmail API, "Usage limits": what a method costs, before and since 1 May 2026.
PRICES = {
    "messages.get": (5, 20),
    "messages.attachments.get": (5, 20),
    "drafts.get": (5, 20),
    "threads.get": (10, 40),
    "messages.trash": (5, 20),
    "messages.list": (5, 5),
    "messages.modify": (5, 5),
    "messages.untrash": (5, 5),
    "drafts.list": (5, 5),
    "threads.list": (10, 10),
    "threads.modify": (10, 10),
    "threads.trash": (10, 10),
    "history.list": (2, 2),
    "messages.send": (100, 100),
    "drafts.send": (100, 100),
    "watch": (100, 100),
    "stop": (50, 50),
    "messages.batchModify": (50, 50),
    "messages.batchDelete": (50, 50),
    "labels.list": (1, 1),
    "labels.get": (1, 1),
    "getProfile": (1, 1),
    "drafts.create": (10, 10),
    "drafts.update": (15, 15),
    "messages.import": (25, 25),
    "messages.insert": (25, 25),
}


@pytest.mark.parametrize("name", PRICES)
def test_gmail_methods_cost_what_the_tables_say(name: str) -> None:
    row = methods.TABLE[f"gmail.users.{name}"]
    assert (row.units, row.units_2026) == PRICES[name]


def test_quotas_are_off_until_somebody_switches_them_on(world: World) -> None:
    for _ in range(61):
        world.get("/gmail/v1/users/me/profile")
        world.get("/v1/people/me/connections", personFields="names")


def _until_refused(call: Callable[[], int]) -> int:
    """How many calls pass."""
    for passed in range(2000):
        if call() != 200:
            return passed
    raise AssertionError("it never refuses")


@pytest.mark.parametrize(("table", "passing"), [("old", 1500), ("new", 600)])
def test_gmail_refuses_what_a_minute_does_not_hold(
    world: World, table: quotas.Table, passing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas.choose(world.store, table)
    standing = world.store.now()
    monkeypatch.setattr(world.store, "now", lambda: standing)
    labels = "/gmail/v1/users/me/threads"
    assert _until_refused(lambda: world.call("GET", labels).status) == passing  # at 10 units
    refused = world.call("GET", labels)
    assert (refused.status, refused.reason) == (403, "userRateLimitExceeded")
    assert refused.json["error"]["errors"][0]["domain"] == "usageLimits"
    monkeypatch.setattr(world.store, "now", lambda: standing + timedelta(seconds=61))
    assert world.call("GET", labels).status == 200


def test_calendar_and_people_have_minutes_of_their_own(world: World) -> None:
    quotas.choose(world.store, "new")
    events, people = "/calendar/v3/calendars/primary/events", "/v1/people/me/connections"
    assert _until_refused(lambda: world.call("GET", events, {"maxResults": 1}).status) == 600
    refused = world.call("GET", events)
    assert (refused.status, refused.reason) == (403, "userRateLimitExceeded")
    assert _until_refused(lambda: world.call("GET", people, {"personFields": "names"}).status) == 60
    refused = world.call("GET", people, {"personFields": "names"})
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")
    metric = "Critical read requests (Contact and Profile Reads)"
    assert f"'{metric} per minute per user'" in refused.json["error"]["message"]
    assert refused.json["error"]["details"][0]["metadata"]["quota_unit"] == "1/min/{project}/{user}"


def _limited(world: World, **limits: int) -> None:
    quotas.limit(world.store, "app", {name.replace("__", "/").replace("_", "-"): most for name, most in limits.items()})


@pytest.mark.parametrize("name", PEOPLE)
def test_every_people_method_has_a_price(name: str) -> None:
    assert prices.PEOPLE[name] and set(prices.PEOPLE[name]) <= set(prices.BUCKETS["new"])


def test_an_update_of_a_contact_costs_a_read_a_write_and_one_of_the_day(world: World) -> None:
    quotas.choose(world.store, "new")
    made = "/v1/people:createContact"
    person = {"names": [{"givenName": "Eva"}]}
    assert _until_refused(lambda: world.call("POST", made, {}, person).status) == 30
    refused = world.call("POST", made, {}, person)
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")
    assert (
        "Critical write requests (Contact Creates and Updates) per minute per user" in refused.json["error"]["message"]
    )
    reads = {"personFields": "names"}
    assert _until_refused(lambda: world.call("GET", "/v1/people/me/connections", reads).status) == 30  # of 60
    assert _until_refused(lambda: world.call("GET", "/v1/contactGroups").status) == 90  # a quota of their own


def test_a_batch_of_contacts_costs_six_writes_and_two_hundred_of_the_day(world: World) -> None:
    _limited(world, people__daily_writes=450)
    body = {"contacts": [{"contactPerson": {"names": [{"givenName": "B"}]}}], "readMask": "names"}
    assert _until_refused(lambda: world.call("POST", "/v1/people:batchCreateContacts", {}, body).status) == 2
    refused = world.call("POST", "/v1/people:batchCreateContacts", {}, body)
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")
    assert refused.json["error"]["details"][0]["metadata"]["quota_unit"] == "1/d/{project}/{user}"
    assert "Daily Contact Writes (Total) per day per user" in refused.json["error"]["message"]


def test_the_first_page_of_a_full_sync_has_a_quota_of_its_own(world: World) -> None:
    _limited(world, people__first_pages=2)
    people, asked = "/v1/people/me/connections", {"personFields": "names", "requestSyncToken": "true"}
    token = world.get(people, **asked)["nextSyncToken"]
    assert world.call("GET", people, asked).status == 200
    refused = world.call("GET", people, asked)
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")
    assert world.call("GET", people, asked | {"syncToken": token}).status == 200


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("gmail__day", "/gmail/v1/users/me/labels", "dailyLimitExceeded"),
        ("calendar__day", "/calendar/v3/users/me/calendarList", "quotaExceeded"),
    ],
)
def test_a_days_limit_is_the_whole_apps_and_ends_at_midnight_in_california(
    world: World, name: str, path: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limited(world, **{name: 3})
    standing = datetime(2026, 3, 1, 7, 59, tzinfo=UTC)  # 23:59 there
    monkeypatch.setattr(world.store, "now", lambda: standing)
    other = world.grant(EVA.email, ALL)
    assert world.call("GET", path, token=other).status == 200
    assert _until_refused(lambda: world.call("GET", path).status) == 2
    for token in (None, other):
        refused = world.call("GET", path, token=token)
        assert (refused.status, refused.reason) == (403, reason)
        assert refused.json["error"]["errors"][0]["domain"] == "usageLimits"
    monkeypatch.setattr(world.store, "now", lambda: standing + timedelta(minutes=1))
    assert world.call("GET", path).status == 200


def test_published_limits_of_a_day_count_for_new_projects() -> None:
    new, old = prices.BUCKETS["new"], prices.BUCKETS["old"]
    assert (new["gmail/day"].project, new["calendar/day"].project) == (80_000_000, 1_000_000)
    assert old["gmail/day"].project is old["calendar/day"].project is None


def test_outlook_tells_in_fractions_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "MOST", 3)
    g = graph()
    assert [g.call("GET", "me").status for _ in range(4)] == [200] * 4
    quotas.choose(g.store, "new")
    assert [g.call("GET", "me").status for _ in range(4)] == [200] * 3 + [429]
    refused = g.call("GET", "me")
    assert refused.code == "ApplicationThrottled"
    assert 590 < float(refused.headers["retry-after"]) < 600 and "." in refused.headers["retry-after"]


def test_an_app_may_have_a_table_of_its_own(sandbox: Sandbox) -> None:
    answer = sandbox.post("/_sandbox/clients", json={**sandbox.client("google"), "provider": "google", "quota": "new"})
    assert answer.json()["quota"] == "new"
    quoted = {one["client_id"]: one["quota"] for one in sandbox.get("/_sandbox/clients").json()}
    assert quoted == {"sandbox-google": "new", "sandbox-microsoft": "off"}
    wrongs: list[dict[str, object]] = [
        {"quota": "huge"},
        {"limits": {"gmail/year": 3}},
        {"limits": {"gmail/day": "3"}},
        {"limits": []},
    ]
    for wrong in wrongs:
        stated = {**sandbox.client("google"), "provider": "google"} | wrong
        assert sandbox.post("/_sandbox/clients", json=stated).status_code == 400


def test_an_app_may_have_limits_of_its_own_until_a_reset(sandbox: Sandbox) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA.email}])
    stated = {**sandbox.client("google"), "provider": "google"}
    answer = sandbox.post("/_sandbox/clients", json=stated | {"limits": {"gmail/day": 2}})
    assert answer.json()["limits"] == {"gmail/day": 2}
    ada = sandbox.authorized("google", ADA.email)
    labels = f"{sandbox.base}/gmail/v1/users/me/labels"
    assert [ada.get(labels).status_code for _ in range(3)] == [200, 200, 403]
    sandbox.post("/_sandbox/clients", json=stated | {"limits": {}})
    assert ada.get(labels).status_code == 200
    sandbox.post("/_sandbox/clients", json=stated | {"limits": {"calendar/day": 2}})
    sandbox.post("/_sandbox/reset")
    assert all(one["limits"] == {} for one in sandbox.get("/_sandbox/clients").json())


def test_a_window_says_how_long_to_wait() -> None:
    window, at = Window(60), datetime(2026, 1, 1).timestamp()  # noqa: DTZ001
    for second in range(6):
        window.spend(at + second, 10)
    assert window.wait(at + 6, 10, 100) == 0
    assert window.wait(at + 6, 20, 70) == 54  # when the first ten are forgotten
    assert window.wait(at + 6, 200, 100) == 60


def test_every_gmail_method_has_a_price() -> None:
    assert all(row.units and row.units_2026 for row in methods.TABLE.values())
    assert set(methods.TABLE) <= set(api("gmail").methods)
