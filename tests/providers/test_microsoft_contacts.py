"""Outlook contacts against the sandbox over HTTP: folders, rounds, edits, and what may go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.errors import Conflict, CursorExpired, NotFound, PermanentFailure
from integrations.providers.abilities import Polls
from integrations.providers.microsoft.graph import Graph
from integrations.records import ChangeRecord, Labelled, Operation
from tests.providers.address_book import ADA, account, client, create, delete, everybody, pages, update
from tests.providers.sandbox_process import Connected, SandboxProcess


def test_the_built_in_address_book_arrives_whole(sandbox: SandboxProcess, microsoft_account: Connected) -> None:
    state = next(a for a in sandbox.state() if (a["provider"], a["email"]) == ("microsoft", microsoft_account.email))
    records = [
        r for n in range(len(client(microsoft_account).discover().collections)) for r in everybody(microsoft_account, n)
    ]
    assert len({r.id for r in records}) == len(records) == state["contacts"] > 0


def test_a_person_reads_as_outlook_keeps_them(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    (ada,) = everybody(of)
    assert (ada.name, ada.given_name, ada.family_name, ada.nickname) == ("Ada Lund", "Ada", "Lund", "Addie")
    assert ada.emails == (Labelled("ada@fabrikam.example"), Labelled("ada@home.example"))
    assert ada.phones == (Labelled("+46 70 2", "mobile"), Labelled("+46 8 1", "work"))
    assert ada.addresses == (Labelled("Storgatan 1", "home"),) and ada.categories == ("Friends",)
    assert (ada.organization, ada.job_title, ada.birthday) == ("Fabrikam", "Smith", "1980-02-29")
    assert ada.notes == "Plays the viola." and ada.etag and ada.group_ids == frozenset()


def test_what_happens_after_the_round_follows(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    first = pages(of)
    assert first[-1].complete and all(p.full for p in first)
    made = create(of, given_name="Bo", family_name="Ek", phones=[["+47 1", "mobile"]], birthday="--12-24")
    assert (made.name, made.birthday, made.former_ids) == ("Bo Ek", "--12-24", frozenset({"new:1"}))
    (page,) = pages(of, first[-1].cursor)
    assert [(r.id, r.etag) for r in page.changed] == [(made.id, made.etag)] and not page.full
    delete(of, made.id)
    (page,) = pages(of, page.cursor)
    assert (page.changed, page.removed) == ((), (made.id,))
    with pytest.raises(NotFound):
        delete(of, made.id)


def test_folders_are_collections_at_every_depth(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    graph = Graph(of.session)
    club = graph.post("/me/contactFolders", {"displayName": "Club"})["id"]
    choir = graph.post(f"/me/contactFolders/{club}/childFolders", {"displayName": "Choir"})["id"]
    found = client(of).discover()
    assert [(c.id, c.name) for c in found.collections] == [("contacts", "Contacts"), (club, "Club"), (choir, "Choir")]
    change = ChangeRecord("k", Operation.CONTACT_CREATE, "new:2", {"fields": {"nickname": "Alto"}}, choir)
    (alto,) = client(of).apply(change)
    assert alto.name == "Alto" and alto.group_ids == {choir}
    assert [r.id for r in everybody(of, 2)] == [alto.id] and len(everybody(of)) == 1


def test_an_edit_changes_nothing_else(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    (ada,) = everybody(of)
    Graph(of.session).patch(f"/me/contacts/{ada.id}", {"spouseName": "Bo", "department": "Forge"})
    changed = update(of, ada, family_name="Lind", emails=[["ada@home.example", ""]], phones=[["+46 8 9", "home"]])
    assert changed.name == "Ada Lind" and changed.emails == (Labelled("ada@home.example"),)
    assert changed.phones == (Labelled("+46 8 9", "home"),) and changed.birthday == ada.birthday
    there = Graph(of.session).get(f"/me/contacts/{ada.id}")
    assert (there["spouseName"], there["department"], there["jobTitle"]) == ("Bo", "Forge", "Smith")
    assert update(of, ada, birthday="", notes="").birthday == ""


def test_an_edit_of_what_changed_there_is_a_conflict(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    (ada,) = everybody(of)
    update(of, ada, job_title="Farrier")
    with pytest.raises(Conflict):
        update(of, ada, job_title="Goldsmith")
    assert update(of, ada, organization="Forge").job_title == "Farrier"


def test_what_outlook_has_no_room_for_is_refused_in_words(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    (ada,) = everybody(of)
    with pytest.raises(PermanentFailure, match="three e-mail addresses"):
        update(of, ada, emails=[[f"{n}@x.example", ""] for n in range(4)])
    with pytest.raises(PermanentFailure, match="one mobile number"):
        update(of, ada, phones=[["1", "mobile"], ["2", "mobile"]])


def test_a_creation_that_may_have_arrived_is_not_repeated(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft")
    fields: dict[str, Any] = {"given_name": "Cy", "emails": [["cy@x.example", ""]], "birthday": "1990-05-01"}
    made = create(of, **fields)
    assert create(of, repeated=True, **fields).id == made.id and len(everybody(of)) == 1


def test_a_cursor_that_is_too_old_says_so(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    cursor = pages(of)[-1].cursor
    sandbox.control("drills/expire-cursors", provider="microsoft", email=of.email)
    with pytest.raises(CursorExpired):
        pages(of, cursor)


def test_a_poll_names_the_folders_that_changed(sandbox: SandboxProcess) -> None:
    of = account(sandbox, "microsoft", ADA)
    asked = {"contacts": pages(of)[-1].cursor}
    client_of = client(of)
    assert isinstance(client_of, Polls) and client_of.poll(asked) == frozenset()
    create(of, given_name="Cy")
    assert client_of.poll(asked) == {"contacts"}
