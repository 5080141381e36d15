"""Google Contacts against the sandbox over HTTP: walking, following, editing, and what may go wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.errors import Conflict, CursorExpired, NotFound
from integrations.providers.google.people import OTHERS_SCOPE, GoogleContactsClient
from integrations.providers.http import Request, send
from integrations.records import ContactGroupRecord, Labelled
from tests.providers.address_book import ADA, account, client, create, delete, everybody, pages, update
from tests.providers.sandbox_process import Connected, SandboxProcess


def person(of: Connected, name: str) -> dict[str, object]:
    """A person as Google has them."""
    params = {"personFields": "names,urls,emailAddresses,organizations,metadata"}
    headers = {"Authorization": f"Bearer {of.session.access_token()}"}
    root = of.session.endpoints["people"].rstrip("/")
    found: dict[str, object] = send(Request("GET", f"{root}/v1/{name}", params=params, headers=headers)).json()
    return found


def test_the_built_in_address_book_arrives_whole(sandbox: SandboxProcess, google_account: Connected) -> None:
    state = next(a for a in sandbox.state() if (a["provider"], a["email"]) == ("google", google_account.email))
    records = everybody(google_account)
    assert len({r.id for r in records}) == len(records) == state["contacts"] > 0
    assert all(r.name or r.emails for r in records) and not any(r.read_only for r in records)


def test_a_person_reads_as_google_keeps_them(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (ada,) = everybody(of)
    assert (ada.name, ada.given_name, ada.family_name, ada.nickname) == ("Ada Lund", "Ada", "Lund", "Addie")
    assert ada.emails == (Labelled("ada@fabrikam.example", "work"), Labelled("ada@home.example", "home"))
    assert ada.phones == (Labelled("+46 8 1", "work"), Labelled("+46 70 2", "mobile"))
    assert ada.addresses == (Labelled("Storgatan 1", "home"),)
    assert (ada.organization, ada.job_title, ada.birthday) == ("Fabrikam", "Smith", "1980-02-29")
    assert ada.notes == "Plays the viola." and ada.etag
    groups = {g.id: g.name for g in client(of).discover().containers if isinstance(g, ContactGroupRecord)}
    assert [groups[g] for g in ada.group_ids] == ["Friends"]


def test_others_come_where_they_were_allowed_and_are_read_only(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    assert [c.id for c in client(of).discover().collections] == ["connections", "otherContacts"]
    assert pages(of, at=1)[-1].complete
    without = account(sandbox, "google", ADA, without=(OTHERS_SCOPE,))
    assert [c.id for c in client(without).discover().collections] == ["connections"]
    assert len(everybody(without)) == 1


def test_what_happens_after_the_walk_follows(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (walk,) = pages(of)
    assert walk.full and walk.complete and walk.total == 1
    made = create(of, given_name="Bo", family_name="Ek", emails=[["bo@x.example", "work"]])
    assert (made.name, made.former_ids) == ("Bo Ek", frozenset({"new:1"}))
    (page,) = pages(of, walk.cursor)
    assert [r.id for r in page.changed] == [made.id] and not page.full and page.total is None
    delete(of, made.id)
    (page,) = pages(of, page.cursor)
    assert (page.changed, page.removed) == ((), (made.id,))
    with pytest.raises(NotFound):
        delete(of, made.id)


def test_an_edit_changes_nothing_else(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (ada,) = everybody(of)
    root = of.session.endpoints["people"].rstrip("/")
    now = person(of, ada.id)
    urls = {"urls": [{"value": "https://ada.example", "type": "homePage"}], "etag": now["etag"]}
    urls["organizations"] = [{"name": "Fabrikam", "title": "Smith", "department": "Forge"}]
    asked = Request.with_json("PATCH", f"{root}/v1/{ada.id}:updateContact?updatePersonFields=urls,organizations", urls)
    headers = {**asked.headers, "Authorization": f"Bearer {of.session.access_token()}"}
    assert send(Request(asked.method, asked.url, headers=headers, body=asked.body)).ok
    changed = update(of, ada, job_title="Master smith", emails=[["ada@home.example", "home"]], birthday="--03-01")
    assert (changed.job_title, changed.birthday, changed.given_name) == ("Master smith", "--03-01", "Ada")
    assert changed.emails == (Labelled("ada@home.example", "home"),) and changed.phones == ada.phones
    there = person(of, ada.id)
    assert there["urls"][0]["value"] == "https://ada.example"  # type: ignore[index]
    assert there["organizations"][0]["department"] == "Forge"  # type: ignore[index]
    # The first edit changed the etag, and the second was made from what was known before it.
    assert update(of, ada, family_name="Lind", notes="").name == "Ada Lind"


def test_an_edit_of_what_changed_there_is_a_conflict(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (ada,) = everybody(of)
    update(of, ada, job_title="Farrier")
    with pytest.raises(Conflict):
        update(of, ada, job_title="Goldsmith")
    assert update(of, ada, job_title="Farrier", organization="Forge").organization == "Forge"


def test_a_creation_that_may_have_arrived_is_not_repeated(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google")
    fields: dict[str, Any] = {"given_name": "Cy", "emails": [["cy@x.example", ""]], "birthday": "1990-05-01"}
    made = create(of, **fields)
    assert create(of, repeated=True, **fields).id == made.id and len(everybody(of)) == 1
    create(of, repeated=True, **(fields | {"family_name": "Young"}))
    assert len(everybody(of)) == 2


def test_a_token_is_renewed_before_it_ends_and_may_end_all_the_same(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (walk,) = pages(of)
    collection = client(of).discover().collections[0]

    def after(days: float) -> GoogleContactsClient:
        return GoogleContactsClient(of.session, now=lambda: datetime.now(UTC) + timedelta(days=days))

    (soon,) = after(5.9).sync(collection, walk.cursor)
    assert not soon.full and soon.changed == ()
    # Using a token does not make it younger.
    (renewed,) = after(6.1).sync(collection, soon.cursor)
    assert renewed.full and len(renewed.changed) == 1
    sandbox.control("drills/expire-cursors", provider="google", email=of.email)
    with pytest.raises(CursorExpired):
        pages(of, walk.cursor)
    with pytest.raises(CursorExpired):
        pages(of, '{"v":1,"sync":"not one of Google\'s","began":"2026-11-23T00:00:00+00:00"}')
    with pytest.raises(CursorExpired):
        pages(of, '{"v":1,"sync":"x","began":"once"}')


def test_a_poll_names_the_books_that_changed_and_those_whose_token_ends(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "google", ADA)
    (walk,) = pages(of)
    asked = {"connections": walk.cursor}

    def after(days: float) -> GoogleContactsClient:
        return GoogleContactsClient(of.session, now=lambda: datetime.now(UTC) + timedelta(days=days))

    assert after(0).poll(asked) == frozenset() and after(6.1).poll(asked) == {"connections"}
    create(of, given_name="Cy")
    assert after(0).poll(asked) == {"connections"}
    sandbox.control("drills/expire-cursors", provider="google", email=of.email)
    assert after(0).poll(asked) == {"connections"}
