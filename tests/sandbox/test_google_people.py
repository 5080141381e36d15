"""The sandbox's Google contacts at their boundary: what clients of the People API may count on."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from sandbox import google
from sandbox.google.people import lateness
from sandbox.seeds import SeedAccount, SeedContact
from sandbox.store import Store
from tests.sandbox.google_client import SCOPES, World

LIST = "/v1/people/me/connections"
FIELDS = "names,emailAddresses,phoneNumbers,memberships,metadata,birthdays,photos,organizations"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def world() -> World:
    people = [
        SeedContact(
            f"Person {i}", f"Person{i}", "Last", emails=((f"p{i}@x.example", "work"),), groups=("Friends here",)
        )
        for i in range(5)
    ]
    people.append(
        SeedContact("Grace Hopper", photo=PNG, birthday="--12-09", organization="Navy", phones=(("+1 555", ""),))
    )
    return World(Store(None), [SeedAccount("google", "ada@gmail.example", "Ada", "777", contacts=tuple(people))])


def _people(world: World, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.get(LIST, personFields=FIELDS, **query).get("connections", [])
    return found


def test_contacts_come_page_by_page_then_a_sync_token(world: World) -> None:
    first = world.get(LIST, personFields=FIELDS, pageSize=4, requestSyncToken="true")
    assert len(first["connections"]) == 4 and first["totalPeople"] == 6 and "nextSyncToken" not in first
    more = {"pageToken": first["nextPageToken"]}
    second = world.get(LIST, personFields=FIELDS, pageSize=4, requestSyncToken="true", **more)
    assert len(second["connections"]) == 2 and "nextPageToken" not in second
    assert "connections" not in world.get(LIST, personFields=FIELDS, syncToken=second["nextSyncToken"])
    assert world.call("GET", LIST, {"personFields": "names", "syncToken": second["nextSyncToken"]}).status == 400
    assert google.counts(world.store, world.account())["contacts"] == 6


def test_mask_is_needed_and_checked(world: World) -> None:
    assert world.call("GET", LIST).status == 400
    assert "Invalid personFields" in world.call("GET", LIST, {"personFields": "names,shoes"}).json["error"]["message"]
    only = world.get(LIST, personFields="names")["connections"][0]
    assert set(only) == {"resourceName", "etag", "names"}
    assert only["names"][0]["metadata"]["source"]["type"] == "CONTACT"


def test_changes_and_deletions_come_with_the_sync_token(world: World) -> None:
    token = world.get(LIST, personFields=FIELDS, requestSyncToken="true")["nextSyncToken"]
    one, two = _people(world)[:2]
    body = {"etag": one["etag"], "names": [{"givenName": "New", "familyName": "Name"}]}
    changed = world.call("PATCH", f"/v1/{one['resourceName']}:updateContact", {"updatePersonFields": "names"}, body)
    assert changed.json["names"][0]["displayName"] == "New Name" and changed.json["emailAddresses"]
    assert world.call("DELETE", f"/v1/{two['resourceName']}:deleteContact").json == {}
    answer = world.get(LIST, personFields=FIELDS, syncToken=token)
    assert [p["resourceName"] for p in answer["connections"]] == [one["resourceName"], two["resourceName"]]
    assert answer["connections"][1]["metadata"]["deleted"] is True
    assert world.call("GET", f"/v1/{two['resourceName']}", {"personFields": "names"}).status == 404


def test_sync_token_lasts_a_week(world: World) -> None:
    token = world.get(LIST, personFields=FIELDS, requestSyncToken="true")["nextSyncToken"]
    world.store.advance(timedelta(days=6))
    world.token = world.grant("ada@gmail.example", world.scopes)
    following = world.get(LIST, personFields=FIELDS, syncToken=token)["nextSyncToken"]
    world.store.advance(timedelta(days=2))
    world.token = world.grant("ada@gmail.example", world.scopes)
    for old in (token, following):
        reply = world.call("GET", LIST, {"personFields": FIELDS, "syncToken": old})
        assert reply.status == 400 and reply.json["error"]["details"][0]["reason"] == "EXPIRED_SYNC_TOKEN"


def test_expired_cursors(world: World) -> None:
    token = world.get(LIST, personFields=FIELDS, requestSyncToken="true")["nextSyncToken"]
    google.expire_cursors(world.store, world.account())
    assert world.call("GET", LIST, {"personFields": FIELDS, "syncToken": token}).reason == "failedPrecondition"


def test_stale_or_missing_etag_is_refused(world: World) -> None:
    one = _people(world)[0]
    path, mask = f"/v1/{one['resourceName']}:updateContact", {"updatePersonFields": "names"}
    source = {"metadata": {"sources": [one["metadata"]["sources"][0] | {"updateTime": "2026-01-01T00:00:00Z"}]}}
    name = {"names": [{"givenName": "A"}]}
    assert world.call("PATCH", path, mask, name | source).status == 200
    for body in (name | source, name | {"etag": one["etag"]}, name):
        assert world.call("PATCH", path, mask, body).reason == "failedPrecondition"


def test_contact_is_made_with_what_was_sent(world: World) -> None:
    body = {
        "names": [{"givenName": "Alan", "familyName": "Turing"}],
        "emailAddresses": [{"value": "a@t", "type": "home"}],
    }
    made = world.post("/v1/people:createContact", body, personFields=FIELDS)
    assert made["names"][0]["displayNameLastFirst"] == "Turing, Alan"
    assert made["emailAddresses"][0]["formattedType"] == "Home"
    assert made["memberships"][0]["contactGroupMembership"]["contactGroupId"] == "myContacts"
    assert world.get(f"/v1/{made['resourceName']}", personFields=FIELDS) == made
    twice = {"names": [{"givenName": "A"}, {"givenName": "B"}]}
    assert world.call("POST", "/v1/people:createContact", body=twice).status == 400
    empty = {"etag": made["etag"], "memberships": []}
    mask = {"updatePersonFields": "memberships"}
    assert world.call("PATCH", f"/v1/{made['resourceName']}:updateContact", mask, empty).status == 400


def test_many_at_once(world: World) -> None:
    body = {"contacts": [{"contactPerson": {"names": [{"givenName": n}]}} for n in "AB"], "readMask": "names"}
    made = [r["person"] for r in world.post("/v1/people:batchCreateContacts", body)["createdPeople"]]
    changes = {p["resourceName"]: {"etag": p["etag"], "nicknames": [{"value": "Nick"}]} for p in made}
    asked = {"contacts": changes, "updateMask": "nicknames", "readMask": "nicknames"}
    done = world.post("/v1/people:batchUpdateContacts", asked)["updateResult"]
    assert all(r["person"]["nicknames"][0]["value"] == "Nick" for r in done.values())
    names = [p["resourceName"] for p in made]
    found = world.get("/v1/people:batchGet", resourceNames=[*names, "people/c0"], personFields="names")["responses"]
    assert [r["httpStatusCode"] for r in found] == [200, 200, 404]
    assert world.post("/v1/people:batchDeleteContacts", {"resourceNames": names}) == {}
    assert len(_people(world)) == 6


def test_search_finds_by_the_beginning_of_words(world: World) -> None:
    def found(query: str) -> list[str]:
        results = world.get("/v1/people:searchContacts", query=query, readMask="names").get("results", [])
        return [r["person"]["names"][0]["displayName"] for r in results]

    assert found("hop") == ["Grace Hopper"] and found("navy") == ["Grace Hopper"]
    assert found("p3@") == ["Person 3"] and found("opper") == [] and found("") == []


def test_photos_are_served_and_change(world: World) -> None:
    grace = next(p for p in _people(world) if p["names"][0]["displayName"] == "Grace Hopper")
    assert grace["birthdays"][0]["date"] == {"month": 12, "day": 9}
    url = grace["photos"][0]["url"].removeprefix("http://sandbox")
    assert world.call("GET", url).content == PNG
    path = f"/v1/{grace['resourceName']}"
    new = {"photoBytes": base64.b64encode(PNG + b"1").decode(), "personFields": "photos"}
    changed = world.call("PATCH", f"{path}:updateContactPhoto", body=new).json["person"]["photos"][0]
    assert world.call("GET", changed["url"].removeprefix("http://sandbox")).content == PNG + b"1"
    assert world.call("GET", url).status == 404
    gone = world.call("DELETE", f"{path}:deleteContactPhoto", {"personFields": "photos"}).json["person"]["photos"][0]
    assert gone["default"] is True


def test_groups_are_made_filled_and_removed(world: World) -> None:
    groups = {g["name"]: g for g in world.get("/v1/contactGroups")["contactGroups"]}
    assert groups["Friends here"]["memberCount"] == 5 and groups["myContacts"]["groupType"] == "SYSTEM_CONTACT_GROUP"
    made = world.post("/v1/contactGroups", {"contactGroup": {"name": "Club"}})
    assert world.call("POST", "/v1/contactGroups", body={"contactGroup": {"name": "club"}}).status == 409
    person = _people(world)[-1]["resourceName"]
    members = f"/v1/{made['resourceName']}/members:modify"
    answer = world.post(members, {"resourceNamesToAdd": [person, "people/c0"]})
    assert answer == {"notFoundResourceNames": ["people/c0"]}
    assert world.get(f"/v1/{made['resourceName']}", maxMembers=5)["memberResourceNames"] == [person]
    renamed = world.call("PUT", f"/v1/{made['resourceName']}", body={"contactGroup": {"name": "Society"}})
    assert renamed.json["name"] == "Society"
    both = world.get("/v1/contactGroups:batchGet", resourceNames=[made["resourceName"], "contactGroups/none"])
    assert [r["status"].get("code", 0) for r in both["responses"]] == [0, 5]
    assert world.call("DELETE", f"/v1/{made['resourceName']}").json == {}
    assert world.call("DELETE", "/v1/contactGroups/myContacts").status == 400
    mine = {"resourceNamesToRemove": [person]}
    assert "canNotRemoveLastContactGroupResourceNames" in world.post(
        "/v1/contactGroups/myContacts/members:modify", mine
    )


def test_recipients_become_other_contacts(world: World) -> None:
    raw = base64.urlsafe_b64encode(b"To: new@far.example, p1@x.example\r\n\r\nHi").decode()
    world.post("/gmail/v1/users/me/messages/send", {"raw": raw})
    listed = world.get("/v1/otherContacts", readMask="emailAddresses,metadata", requestSyncToken="true")
    assert [p["emailAddresses"][0]["value"] for p in listed["otherContacts"]] == ["new@far.example"]
    assert world.call("GET", "/v1/otherContacts", {"readMask": "birthdays"}).status == 400
    assert len(world.get("/v1/otherContacts:search", query="new", readMask="emailAddresses")["results"]) == 1
    name = listed["otherContacts"][0]["resourceName"]
    asked = {"copyMask": "emailAddresses", "readMask": "emailAddresses"}
    assert world.post(f"/v1/{name}:copyOtherContactToMyContactsGroup", asked)["resourceName"].startswith("people/")


def test_own_profile_and_scopes(world: World) -> None:
    token = world.grant("ada@gmail.example", [SCOPES + "userinfo.profile"])
    me = world.call("GET", "/v1/people/me", {"personFields": "names"}, token=token).json
    assert me["names"][0]["displayName"] == "Ada"
    contact = _people(world)[0]["resourceName"]
    assert world.call("GET", f"/v1/{contact}", {"personFields": "names"}, token=token).status == 403
    assert world.call("GET", LIST, {"personFields": "names"}, token=token).reason == "insufficientPermissions"


def test_changes_are_seen_late_by_configuration(world: World) -> None:
    lateness.set_delay(world.store, 60)
    fields = {"personFields": "names"}
    first = world.get(LIST, **fields, requestSyncToken="true", pageSize=1000)
    made = world.post("/v1/people:createContact", {"names": [{"givenName": "Zoe"}]}, personFields="names,metadata")
    name, at = made["resourceName"], f"/v1/{made['resourceName']}"
    assert world.call("GET", at, fields).status == 404
    assert len(world.get(LIST, **fields, pageSize=1000)["connections"]) == len(first["connections"])
    told = world.get(LIST, **fields, requestSyncToken="true", syncToken=first["nextSyncToken"])
    assert "connections" not in told
    changed = {"names": [{"givenName": "Zoé"}], "etag": made["etag"]}  # what was answered is good for the next change
    query = {"updatePersonFields": "names", **fields}
    again = world.call("PATCH", f"{at}:updateContact", query, changed)
    assert again.status == 200 and again.json["names"][0]["givenName"] == "Zoé"
    world.store.advance(timedelta(seconds=61))
    assert world.get(at, **fields)["names"][0]["givenName"] == "Zoé"
    seen = world.get(LIST, **fields, requestSyncToken="true", syncToken=told["nextSyncToken"])
    assert [one["resourceName"] for one in seen["connections"]] == [name]
    assert world.call("DELETE", f"{at}:deleteContact").status == 200
    assert world.get(at, **fields)["resourceName"] == name  # still seen
    world.store.advance(timedelta(seconds=61))
    gone = world.get(LIST, **fields, requestSyncToken="true", syncToken=seen["nextSyncToken"])["connections"]
    assert [(one["resourceName"], one["metadata"]["deleted"]) for one in gone] == [(name, True)]
    assert world.call("GET", at, fields).status == 404
