"""How much and what Google takes at once: recipients, ids, calls of a batch, reminders, channels, contacts, colours."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.google_client import World

ME, PRIMARY = "/gmail/v1/users/me", "/calendar/v3/calendars/primary/events"
CHANNEL = {"type": "web_hook", "address": "https://app.example/hook"}


@pytest.fixture
def world() -> World:
    return World(Store(None), [SeedAccount("google", "ada@gmail.example", "Ada", "1")])


def _event(**more: Any) -> dict[str, Any]:
    times = {name: {"dateTime": f"2026-12-01T{hour}:00:00Z"} for name, hour in (("start", 10), ("end", 11))}
    return {"summary": "Talk", **times, **more}


@pytest.mark.parametrize(("count", "status"), [(500, 200), (501, 400)])
def test_a_message_has_at_most_500_recipients(world: World, count: int, status: int) -> None:
    bcc = ",\r\n ".join(f"guest{number}@x.example" for number in range(count))
    raw = base64.urlsafe_b64encode(f"Bcc: {bcc}\r\nSubject: All\r\n\r\nHi\r\n".encode()).decode()
    assert world.call("POST", f"{ME}/messages/send", body={"raw": raw}).status == status


@pytest.mark.parametrize("method", ["batchModify", "batchDelete"])
def test_at_most_1000_messages_are_changed_at_once(world: World, method: str) -> None:
    more = {"addLabelIds": ["INBOX"]} if method == "batchModify" else {}
    for count, refused in ((1000, False), (1001, True)):
        reply = world.call("POST", f"{ME}/messages/{method}", body={"ids": ["1" * 16] * count} | more)
        assert (reply.status == 400 and "at most 1000" in reply.content.decode()) == refused


def test_colours_of_labels_are_of_the_palette(world: World) -> None:
    good = {"textColor": "#ffffff", "backgroundColor": "#16a766"}
    assert world.post(f"{ME}/labels", {"name": "Good", "color": good})["color"] == good
    for wrong in (good | {"textColor": "#123456"}, {"textColor": "#ffffff"}):
        assert world.call("POST", f"{ME}/labels", body={"name": "Wrong", "color": wrong}).status == 400


@pytest.mark.parametrize(
    ("at", "path", "most"),
    [("gmail/v1", f"{ME}/profile", 100), ("calendar/v3", "/calendar/v3/colors", 50)],
)
def test_a_batch_has_at_most_so_many_calls(world: World, at: str, path: str, most: int) -> None:
    part = f"--b\r\nContent-Type: application/http\r\n\r\nGET {path} HTTP/1.1\r\n\r\n\r\n"
    head = {"content-type": "multipart/mixed; boundary=b"}
    for count, status in ((most, 200), (most + 1, 400)):
        content = (part * count + "--b--\r\n").encode()
        assert world.call("POST", f"/batch/{at}", body=content, headers=head).status == status


def test_an_event_has_at_most_five_reminders_of_its_own(world: World) -> None:
    def reminders(count: int) -> dict[str, Any]:
        return {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5 + n} for n in range(count)]}

    assert len(world.post(PRIMARY, _event(reminders=reminders(5)))["reminders"]["overrides"]) == 5
    refused = world.call("POST", PRIMARY, body=_event(reminders=reminders(6)))
    assert (refused.status, refused.reason) == (400, "cannotExceedMaxReminders")


def test_an_order_gives_no_sync_token(world: World) -> None:
    assert "nextSyncToken" in world.get(PRIMARY)
    assert "nextSyncToken" not in world.get(PRIMARY, orderBy="updated")


def test_a_channel_has_an_id_of_its_own_and_an_https_address(world: World) -> None:
    assert world.post(f"{PRIMARY}/watch", CHANNEL | {"id": "c" * 64})["id"] == "c" * 64
    for wrong in ({"id": "c" * 64}, {"id": "c" * 65}, {"id": ""}, {"id": "d", "address": "http://app.example/hook"}):
        assert world.call("POST", f"{PRIMARY}/watch", body=CHANNEL | wrong).status == 400


def test_at_most_200_contacts_are_made_changed_or_read_at_once(world: World) -> None:
    def made(count: int) -> dict[str, Any]:
        return {"contacts": [{"contactPerson": {"names": [{"givenName": "A"}]}}] * count, "readMask": "names"}

    people = [one["person"] for one in world.post("/v1/people:batchCreateContacts", made(200))["createdPeople"]]
    assert len(people) == 200
    assert world.call("POST", "/v1/people:batchCreateContacts", body=made(201)).status == 400
    many = {f"people/c{number}": {"etag": "x"} for number in range(201)}
    changes = {"contacts": many, "updateMask": "names", "readMask": "names"}
    refused = world.call("POST", "/v1/people:batchUpdateContacts", body=changes)
    assert refused.status == 400 and "200" in refused.content.decode()
    for names, status in ([*many][:200], 200), ([*many], 400):
        asked = {"resourceNames": names, "personFields": "names"}
        assert world.call("GET", "/v1/people:batchGet", asked).status == status


def test_at_most_500_contacts_are_deleted_at_once(world: World) -> None:
    names = {"resourceNames": [f"people/c{number}" for number in range(501)]}
    refused = world.call("POST", "/v1/people:batchDeleteContacts", body=names)
    assert refused.status == 400 and "500" in refused.content.decode()


def test_a_contact_is_in_one_group_at_least(world: World) -> None:
    made = world.post("/v1/people:createContact", {"names": [{"givenName": "A"}]})
    path, mask = f"/v1/{made['resourceName']}:updateContact", {"updatePersonFields": "memberships"}
    none = world.call("PATCH", path, mask, {"etag": made["etag"], "memberships": []})
    assert none.status == 400 and "at least one contact group" in none.content.decode()


@pytest.mark.parametrize(("count", "status"), [(1000, 200), (1001, 400)])
def test_at_most_1000_members_of_a_group_change_at_once(world: World, count: int, status: int) -> None:
    made = world.post("/v1/contactGroups", {"contactGroup": {"name": "Club"}})
    half = [f"people/c{number}" for number in range(500)]
    body = {"resourceNamesToAdd": half, "resourceNamesToRemove": [f"people/d{n}" for n in range(count - 500)]}
    assert world.call("POST", f"/v1/{made['resourceName']}/members:modify", body=body).status == status
