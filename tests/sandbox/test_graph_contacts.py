"""Contacts and their folders at the sandbox's Graph."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import microsoft
from sandbox.seeds import SeedContact
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import graph

ADA = SeedContact(
    "Ada Lund",
    "Ada",
    "Lund",
    emails=(("ada@fabrikam.example", "work"), ("ada@home.example", "home")),
    phones=(("+46 8 1", "work"), ("+46 70 2", "mobile"), ("+46 8 3", "home")),
    addresses=(("Storgatan 1", "home"),),
    organization="Fabrikam",
    birthday="1980-02-29",
    groups=("Friends",),
    photo=b"\x89PNG",
)


def _world(*people: SeedContact) -> Graph:
    return graph(contacts=people)


def test_a_seeded_person_shows_as_outlook_keeps_people() -> None:
    g = _world(ADA)
    [item] = g.get("me/contacts")["value"]
    assert (item["displayName"], item["surname"], item["companyName"]) == ("Ada Lund", "Lund", "Fabrikam")
    assert [one["address"] for one in item["emailAddresses"]] == ["ada@fabrikam.example", "ada@home.example"]
    assert (item["businessPhones"], item["homePhones"], item["mobilePhone"]) == (["+46 8 1"], ["+46 8 3"], "+46 70 2")
    assert item["homeAddress"] == {"street": "Storgatan 1"} and item["categories"] == ["Friends"]
    assert item["birthday"].startswith("1980-02-29")
    photo = g.call("GET", f"me/contacts/{item['id']}/photo/$value")
    assert photo.content == ADA.photo and photo.headers["content-type"] == "image/png"
    assert microsoft.counts(g.store, g.account())["contacts"] == 1


def test_what_outlook_has_no_room_for_is_said() -> None:
    many = SeedContact("Many", emails=tuple((f"{n}@x.example", "") for n in range(4)), birthday="--02-29")
    g = _world(many)
    assert len(g.left_out.entries) == 2 and len(g.get("me/contacts")["value"][0]["emailAddresses"]) == 3


def test_people_are_found_filtered_and_paged() -> None:
    g = _world(*(SeedContact(f"Person {n:02}", emails=((f"p{n}@x.example", ""),)) for n in range(12)))
    assert [len(page["value"]) for page in g.pages("me/contacts")] == [10, 2]
    assert [c["displayName"] for c in g.get("me/contacts", search='"p3@x"')["value"]] == ["Person 03"]
    found = g.get("me/contacts", filter="emailAddresses/any(a:a/address eq 'P7@x.example')")["value"]
    assert [one["displayName"] for one in found] == ["Person 07"]
    down = g.get("me/contacts", orderby="displayName desc", select="displayName")["value"]
    assert down[0]["displayName"] == "Person 11" and set(down[0]) == {"@odata.etag", "id", "displayName"}


def test_a_person_is_made_changed_and_removed_and_rounds_tell() -> None:
    g = _world(ADA)
    _, link = g.round("me/contacts/delta")
    made = g.post("me/contacts", {"givenName": "Bo", "surname": "Ek", "emailAddresses": [{"address": "bo@x.example"}]})
    assert made["displayName"] == "Bo Ek"
    stale = {"if-match": made["@odata.etag"]}
    path = f"me/contacts/{made['id']}"
    changed = g.call("PATCH", path, body={"jobTitle": "Smith", "birthday": "1990-05-01"}, headers=stale)
    assert changed.json["jobTitle"] == "Smith"
    assert g.call("PATCH", path, body={"jobTitle": "x"}, headers=stale).code == "ErrorIrresolvableConflict"
    told, link = g.round(link)
    assert [one["jobTitle"] for one in told] == ["Smith"]
    assert g.call("DELETE", path).status == 204
    assert g.round(link)[0] == [{"id": made["id"], "@removed": {"reason": "deleted"}}]
    microsoft.expire_cursors(g.store)
    gone = g.call("GET", link)
    assert gone.status == 410 and len(g.round(gone.headers["location"])[0]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"nickname": "x"},
        {"createdDateTime": "2026-01-01T00:00:00Z"},
        {"emailAddresses": "x"},
        {"emailAddresses": [{"address": str(n)} for n in range(4)]},
        {"birthday": "soon"},
        {"categories": [1]},
    ],
)
def test_what_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    assert _world().call("POST", "me/contacts", body=body).status == 400


def test_folders_have_people_and_rounds_of_their_own() -> None:
    g = _world(ADA)
    assert g.get("me/contactFolders")["value"] == []
    _, folders = g.round("me/contactFolders/delta")
    made = g.post("me/contactFolders", {"displayName": "Club"})
    assert [one["id"] for one in g.round(folders)[0]] == [made["id"]]
    _, link = g.round(f"me/contactFolders/{made['id']}/contacts/delta")
    assert f"contactFolders('{made['id']}')" in link
    person = g.post(f"me/contactFolders/{made['id']}/contacts", {"givenName": "Cy"})
    assert [one["id"] for one in g.round(link)[0]] == [person["id"]]
    assert len(g.get("me/contacts")["value"]) == 1
    assert g.patch(f"me/contactFolders/{made['id']}", {"displayName": "Choir"})["displayName"] == "Choir"
    assert g.call("DELETE", f"me/contactFolders/{made['id']}").status == 204
    assert g.call("GET", f"me/contacts/{person['id']}").status == 404
