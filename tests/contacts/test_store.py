"""The contact store: pages, walks, removed people, ids that change, and edits on top of what a provider says."""

from __future__ import annotations

from contacts import actions
from contacts.models import Contact, Group
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import ContactGroupRecord, Labelled
from tests.contacts.conftest import Account, person


def only() -> Contact:
    return Contact.objects.select_related("connection").get()


def test_a_page_twice_is_a_page_once(gmail: Account) -> None:
    full = person(
        1,
        "Zoë",
        "Aydın",
        phones=(Labelled("+47 555 01", "mobile"),),
        addresses=(Labelled("Bednarska 12\nGdańsk", "home"),),
        organization="Kammerkor",
        job_title="Chair",
        birthday="--03-04",
        notes="Sings.",
        group_ids=frozenset({"contactGroups/1"}),
        photo_key="https://photos.example/1",
    )
    for _ in range(2):
        gmail.sync(full, person(2))
    assert gmail.counts() == {"connections": 2, "otherContacts": 0}
    row = Contact.objects.get(provider_id="people/c1")
    assert (row.emails, row.phones) == ([["p1@example.org", "work"]], [["+47 555 01", "mobile"]])
    assert (row.addresses, row.birthday) == ([["Bednarska 12\nGdańsk", "home"]], "--03-04")
    assert (row.sort_key, row.group_ids, row.etag) == ("aydin zoe", ["contactGroups/1"], "1")
    gmail.sync(person(1, "Zoë", "Bø", etag="2"), removed=["people/c2", "people/c77"])
    assert gmail.names() == ["Zoë Bø"]


def test_a_walk_drops_whom_it_did_not_mention_and_nobody_who_is_on_the_way(gmail: Account) -> None:
    gmail.sync(person(1), person(2))
    gmail.sync(person(9), into="otherContacts")
    actions.create(gmail.connection, {"given_name": "Bo"})
    gmail.sync(person(2), full=True)
    assert gmail.names() == ["Bo", "Given2 Family2", "Given9 Family9"]


def test_a_person_who_moved_to_another_folder_stays(outlook: Account) -> None:
    outlook.sync(person(1))
    outlook.sync(person(1), into="f-club")
    outlook.sync(removed=["people/c1"])
    assert outlook.counts() == {"contacts": 0, "f-club": 1}
    outlook.store.containers(outlook.connection, [ContactGroupRecord("contacts", "Contacts", system=True)])
    assert outlook.names() == [] and Group.objects.count() == 1


def test_people_of_a_collection_that_is_not_read_any_more_go(gmail: Account) -> None:
    gmail.sync(person(1))
    gmail.sync(person(2, read_only=True), into="otherContacts")
    gmail.collections["otherContacts"].delete()
    gmail.store.containers(gmail.connection, [])
    assert gmail.names() == ["Given1 Family1"]


def test_merged_people_become_one_and_keep_their_row(gmail: Account) -> None:
    gmail.sync(person(1), person(2))
    first = Contact.objects.get(provider_id="people/c1").pk
    gmail.sync(person(3, former_ids=frozenset({"people/c1", "people/c2"})), removed=["people/c1", "people/c2"])
    assert (only().pk, only().provider_id) == (first, "people/c3")


def test_an_edit_stays_on_top_until_it_is_confirmed(gmail: Account) -> None:
    gmail.sync(person(1))
    actions.update(only(), {"job_title": "Chair"}, {"job_title": ""})
    change = Change.objects.get()
    assert change.payload == {"fields": {"job_title": "Chair"}, "was": {"job_title": ""}}
    gmail.sync(person(1, organization="Kammerkor"))
    gmail.store.overlay(gmail.connection, [change])
    assert (only().job_title, only().organization) == ("Chair", "Kammerkor")
    gmail.store.confirm(gmail.connection, [person(1, organization="Kammerkor", job_title="Chair", etag="3")])
    assert (only().job_title, only().said["job_title"], only().etag) == ("Chair", "Chair", "3")


def test_a_refused_edit_that_is_given_up_leaves_no_trace(gmail: Account) -> None:
    gmail.sync(person(1))
    actions.update(only(), {"family_name": "Berg"}, {"family_name": "Family1"})
    assert only().name == "Given1 Berg"
    actions.update(only(), {"notes": "Later"}, {"notes": ""})
    refused = Change.objects.earliest("number")
    Change.objects.filter(pk=refused.pk).update(state=ChangeState.REFUSED)
    actions.settle_refused(gmail.connection.user, refused.id, again=False)
    assert (only().name, only().notes, Change.objects.count()) == ("Given1 Family1", "Later", 1)


def test_a_new_person_gets_the_provider_s_id_and_so_do_later_edits(gmail: Account) -> None:
    row = actions.create(gmail.connection, {"given_name": "Bo", "emails": [["bo@x.example", "home"]]})
    actions.update(row, {"job_title": "Smith"}, {"job_title": ""})
    temporary = row.provider_id
    # The next sync brings the person before the answer to the creation is here.
    gmail.sync(person(5, "Bo", "", name="Bo"))
    gmail.store.confirm(gmail.connection, [person(5, "Bo", "", name="Bo", former_ids=frozenset({temporary}))])
    gmail.store.overlay(gmail.connection, list(Change.objects.filter(operation="contact.update")))
    assert (only().pk, only().provider_id, only().job_title) == (row.pk, "people/c5", "Smith")
    assert Change.objects.get(operation="contact.update").target_id == "people/c5"


def test_a_new_person_whom_the_provider_refuses_is_gone_when_given_up(gmail: Account) -> None:
    row = actions.create(gmail.connection, {"given_name": "Bo"})
    Change.objects.update(state=ChangeState.REFUSED)
    actions.settle_refused(gmail.connection.user, Change.objects.get().id, again=False)
    assert not Contact.objects.filter(pk=row.pk).exists() and not Change.objects.exists()


def test_a_deleted_person_is_gone_at_once_and_back_if_it_is_refused(gmail: Account) -> None:
    gmail.sync(person(1))
    actions.delete(only())
    assert gmail.names() == [] and gmail.counts()["connections"] == 0
    gmail.sync(person(1))
    gmail.store.overlay(gmail.connection, list(Change.objects.all()))
    assert gmail.names() == []
    Change.objects.update(state=ChangeState.REFUSED)
    actions.settle_refused(gmail.connection.user, Change.objects.get().id, again=False)
    assert gmail.names() == ["Given1 Family1"]
    unsent = actions.create(gmail.connection, {"given_name": "Bo"})
    actions.delete(unsent)
    assert gmail.names() == ["Given1 Family1"] and not Change.objects.exists()


def test_a_separated_person_stays_so_whatever_the_provider_says(gmail: Account) -> None:
    gmail.sync(person(1))
    actions.set_apart(only(), apart=True)
    gmail.sync(person(1, job_title="Chair"))
    assert only().apart and only().job_title == "Chair"


def test_purging_takes_a_batch_at_a_time(gmail: Account) -> None:
    gmail.sync(*(person(n) for n in range(5)))
    assert gmail.store.purge(gmail.connection, 3) and gmail.store.purge(gmail.connection, 3)
    assert not gmail.store.purge(gmail.connection, 3)
    assert not Contact.objects.exists() and not Group.objects.exists()
