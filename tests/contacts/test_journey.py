"""People from the provider to the page and back: counts, edits both ways, expired positions, conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.records import ChangeRecord, ContactRecord, Operation, Service
from integrations.vault import tokens
from tests.journey import engine
from tests.journey.conftest import ada, ben, sandbox
from tests.journey.person import Person

__all__ = ["ada", "ben", "sandbox"]
GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def connected(person: Person, provider: str, account: str) -> Connection:
    """Connect an account's address book, and nothing else of it."""
    return person.connected(provider, account, service=["contacts"])


def at_provider(person: Person, connection: Connection) -> int:
    found = (a for a in person.sandbox.state() if a["email"] == connection.email)
    return int(next(found)["contacts"])


def edit_there(connection: Connection, record_id: str, **fields: Any) -> None:
    """Change somebody at the provider, as another app would."""
    client = connection.provider_spec.contacts(tokens.session(connection, tokens.Purpose.ASK, Service.CONTACTS))
    now = there(connection)[record_id]
    was = {name: getattr(now, name) for name in fields}
    client.apply(ChangeRecord("k", Operation.CONTACT_UPDATE, record_id, {"fields": fields, "was": was}))


def there(connection: Connection) -> dict[str, ContactRecord]:
    """Everybody at the provider."""
    client = connection.provider_spec.contacts(tokens.session(connection, tokens.Purpose.ASK, Service.CONTACTS))
    pages = (page for c in client.discover().collections for page in client.sync(c, None))
    return {record.id: record for page in pages for record in page.changed}


def form(contact: Contact, person: Person, **changed: Any) -> dict[str, Any]:
    """The edit form of somebody as a browser would send it."""
    page = person.browser.get(f"/people/{contact.pk}/edit/")
    fields = page.context["form"].fields
    sent = {name: fields[name] for name in ("given_name", "family_name", "nickname", "organization", "job_title")}
    sent |= {"notes": fields["notes"], "was": page.context["was"]}
    for name in ("emails", "phones"):
        sent |= {name: [v for v, _ in fields[name]], f"{name}_label": [label for _, label in fields[name]]}
    draft = page.context["form"]
    return sent | {"day": draft.day, "month": draft.month, "year": draft.year} | changed


def somebody(connection: Connection) -> Contact:
    rows = Contact.objects.filter(connection=connection, read_only=False).exclude(family_name="")
    return rows.exclude(emails=[])[0]


@BOTH
def test_everybody_arrives_and_reads_as_the_provider_says(ada: Person, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    assert Contact.objects.filter(connection=connection).count() == at_provider(ada, connection) > 0
    here = ada.browser.get("/api/status/").json()["connections"][0]
    assert here["contacts"] == at_provider(ada, connection)
    records = there(connection)
    for row in Contact.objects.filter(connection=connection):
        record = records[row.provider_id]
        assert (row.name, row.organization, row.birthday) == (
            record.name or row.name,
            record.organization,
            record.birthday,
        )
        assert row.emails == [[e.value, e.label] for e in record.emails]
        assert ada.browser.get(f"/people/{row.pk}/").status_code == 200


@BOTH
def test_what_is_added_changed_and_deleted_here_happens_there(ada: Person, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    before = at_provider(ada, connection)
    new = {"connection": str(connection.pk), "given_name": "Bo", "family_name": "Ek", "emails": ["bo@x.example"]}
    answer = ada.browser.post("/people/new/", new | {"day": "24", "month": "12", "year": ""})
    pk = int(answer["Location"].strip("/").split("/")[-1])
    assert "on its way" in ada.browser.get(f"/people/{pk}/").content.decode()
    engine.push_all()
    bo = Contact.objects.get(pk=pk)
    assert at_provider(ada, connection) == before + 1 and there(connection)[bo.provider_id].birthday == "--12-24"
    engine.sync_everything()
    assert Contact.objects.filter(connection=connection).count() == before + 1
    ada.browser.post(f"/people/{pk}/edit/", form(bo, ada, job_title="Smith", phones=["+47 1"], phones_label=["mobile"]))
    assert Contact.objects.get(pk=pk).job_title == "Smith"
    engine.push_all()
    record = there(connection)[bo.provider_id]
    assert (record.job_title, record.name, record.birthday) == ("Smith", "Bo Ek", "--12-24")
    assert [(p.value, p.label) for p in record.phones] == [("+47 1", "mobile")]
    assert ada.browser.post(f"/people/{pk}/delete/").status_code == 302
    assert ada.browser.get(f"/people/{pk}/").status_code == 404
    engine.push_all()
    engine.sync_everything()
    assert at_provider(ada, connection) == before == Contact.objects.filter(connection=connection).count()
    assert set(Change.objects.values_list("state", flat=True)) == {ChangeState.DONE}


@BOTH
def test_what_happens_there_arrives_here(ada: Person, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    row = somebody(connection)
    edit_there(connection, row.provider_id, organization="Kammerkor", notes="Sings alto.")
    engine.sync_everything()
    row.refresh_from_db()
    assert (row.organization, row.notes) == ("Kammerkor", "Sings alto.")


@BOTH
def test_an_expired_position_loses_and_doubles_nobody(ada: Person, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    row = somebody(connection)
    gone = Contact.objects.filter(connection=connection).exclude(pk=row.pk)[0]
    edit_there(connection, row.provider_id, job_title="Chair")
    client = connection.provider_spec.contacts(tokens.session(connection, tokens.Purpose.ASK, Service.CONTACTS))
    client.apply(ChangeRecord("k", Operation.CONTACT_DELETE, gone.provider_id, {}))
    ada.sandbox.drill("expire-cursors", provider=provider, email=account)
    engine.sync_everything()
    assert Contact.objects.get(pk=row.pk).job_title == "Chair"
    assert Contact.objects.filter(connection=connection).count() == at_provider(ada, connection)
    assert not Contact.objects.filter(pk=gone.pk).exists()
    assert not Collection.objects.exclude(last_error="").exists()


@BOTH
def test_both_sides_of_a_conflict_are_shown_and_either_can_be_kept(ada: Person, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    row = somebody(connection)
    opened = form(row, ada, organization="Mine", notes="My note")
    edit_there(connection, row.provider_id, organization="Theirs")
    ada.browser.post(f"/people/{row.pk}/edit/", opened)
    engine.push_all()
    engine.sync_everything()
    page = ada.browser.get(f"/people/{row.pk}/").content.decode()
    assert "Keep mine" in page and "Theirs" in page and "Mine" in page
    assert there(connection)[row.provider_id].organization == "Theirs"
    change = Change.objects.get(state=ChangeState.REFUSED)
    ada.browser.post(f"/people/change/{change.id}/", {"do": "retry", "open": row.pk})
    assert Contact.objects.get(pk=row.pk).organization == "Mine"
    engine.push_all()
    record = there(connection)[row.provider_id]
    assert (record.organization, record.notes) == ("Mine", "My note")
    edit_there(connection, row.provider_id, organization="Theirs again")
    ada.browser.post(f"/people/{row.pk}/edit/", form(row, ada, organization="Mine again"))
    engine.push_all()
    engine.sync_everything()
    change = Change.objects.get(state=ChangeState.REFUSED)
    ada.browser.post(f"/people/change/{change.id}/", {"do": "discard", "open": row.pk})
    assert Contact.objects.get(pk=row.pk).organization == "Theirs again" and not Change.objects.filter(pk=change.pk)


def test_nobody_sees_another_persons_people(ada: Person, ben: Person) -> None:
    row = somebody(connected(ada, "google", GOOGLE))
    for path in (f"/people/{row.pk}/", f"/people/{row.pk}/edit/", f"/people/{row.pk}/delete/"):
        assert ada.browser.get(path).status_code == 200
        assert ben.browser.get(path).status_code == 404
        assert ben.browser.post(path).status_code in (404, 405)
    assert row.name not in ben.browser.get("/people/").content.decode()
