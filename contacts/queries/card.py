"""One person with everything that is known of them, and what became of the edits made to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404

from accounts.models import User
from contacts import words
from contacts.models import Contact, Group
from contacts.queries.people import Row, accounts_of, row_of, same_person
from contacts.queries.portraits import Portrait, portrait
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.records import Operation, Service

MOST_OTHERS = 10
NAMES = {
    "given_name": "First name",
    "family_name": "Last name",
    "nickname": "Nickname",
    "emails": "E-mail",
    "phones": "Phone",
    "organization": "Organisation",
    "job_title": "Job title",
    "birthday": "Birthday",
    "notes": "Notes",
}
_DONE = {
    Operation.CONTACT_CREATE.value: "add this person",
    Operation.CONTACT_UPDATE.value: "change this person",
    Operation.CONTACT_DELETE.value: "delete this person",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that the provider refused: why, and field by field what was wanted and what is there."""

    id: str
    text: str
    conflict: bool
    fields: list[tuple[str, str, str]]


@dataclass(slots=True)
class Value:
    """An address or a number, and the accounts that know it."""

    value: str
    label: str
    accounts: list[Connection]


@dataclass(frozen=True, slots=True)
class Card:
    """A person, with what all of the address books say that have them. ``contact`` is the one that is opened,
    ``joined`` are the others that are the same person; ``others`` only share an address.
    """

    contact: Contact
    connection: Connection
    joined: list[Contact]
    initials: str
    photo: Portrait | None
    about: str
    nickname: str
    emails: list[Value]
    phones: list[Value]
    addresses: list[Value]
    birthday: str
    groups: list[str]
    notes: str
    others: list[Row]
    sending: str
    refused: list[Refused]

    @property
    def vendor(self) -> str:
        return self.connection.provider_spec.name

    @property
    def books(self) -> list[Contact]:
        """The person in each address book."""
        return [self.contact, *self.joined]

    @property
    def common(self) -> str:
        """An address that the address books have in common."""
        known = [words.addresses(c.emails) for c in self.joined]
        return next((value for value, *_ in self.contact.emails if all(value.casefold() in k for k in known)), "")

    @property
    def empty(self) -> bool:
        known = (self.emails, self.phones, self.addresses, self.birthday, self.notes, self.groups, self.nickname)
        return not any(known)


def own_contact(user: User, contact_id: int) -> Contact:
    """The user's contact of that id. Raises ``Http404`` for anybody else's, and for one that is going."""
    mine = Contact.objects.select_related("connection").filter(user=user, leaving=False)
    contact = mine.filter(connection__in=list(accounts_of(user)), pk=contact_id).first()
    if contact is None:
        raise Http404
    return contact


def books_of(user: User, contact: Contact) -> list[Contact]:
    """The person in each address book, the given one first. At most two queries."""
    return [contact, *(other for other in _sharing(user, contact) if same_person(contact, other))]


def card(user: User, contact: Contact) -> Card:
    """Five queries."""
    connection = contact.connection
    sharing = _sharing(user, contact)
    joined = [other for other in sharing if same_person(contact, other)]
    books = [contact, *joined]
    ids = {(c.connection_id, group) for c in books for group in c.group_ids}
    named = Group.objects.filter(connection__in=[c.connection for c in books], provider_id__in=[g for _, g in ids])
    groups = [g.name for g in named if (g.connection_id, g.provider_id) in ids]
    changes = list(
        Change.objects.filter(
            connection=connection, service=Service.CONTACTS.value, target_id=contact.provider_id
        ).exclude(state=ChangeState.DONE)
    )
    return Card(
        contact,
        connection,
        joined,
        words.initials(contact.name),
        portrait(books),
        next((about for c in books if (about := ", ".join(filter(None, (c.job_title, c.organization))))), ""),
        next((c.nickname for c in books if c.nickname), ""),
        _values(books, "emails"),
        _values(books, "phones"),
        _values(books, "addresses"),
        words.birthday(next((c.birthday for c in books if c.birthday), "")),
        list(dict.fromkeys([*groups, *(name for c in books for name in c.categories)])),
        "\n\n".join(dict.fromkeys(c.notes for c in books if c.notes)),
        [row_of(other, other.connection) for other in sharing if other not in joined],
        _sending(connection, [c for c in changes if c.state != ChangeState.REFUSED]),
        [_refused(connection, contact, c) for c in changes if c.state == ChangeState.REFUSED],
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """A refused edit as the list tells of it. ``contact_id`` is 0 where no card is shown, as after a deletion."""

    id: str
    text: str
    contact_id: int


def refused_of(user: User) -> list[Notice]:
    """Two queries: the user's refused edits of people, the newest first."""
    refused = Change.objects.filter(
        connection__user=user, service=Service.CONTACTS.value, state=ChangeState.REFUSED
    ).select_related("connection")
    changes = list(refused.order_by("-number")[:MOST_OTHERS])
    targets = Contact.objects.filter(user=user, provider_id__in=[c.target_id for c in changes])
    people = {(c.connection_id, c.provider_id): c for c in targets}
    notices = []
    for change in changes:
        contact = people.get((change.connection_id, change.target_id))
        name = contact.name if contact else "Somebody who is gone"
        text = f"{name}: {_refused(change.connection, contact, change).text}"
        notices.append(Notice(str(change.id), text, contact.pk if contact and not contact.leaving else 0))
    return notices


def named(changes: Sequence[Change]) -> dict[int, tuple[str, str]]:
    """The name and the address of each edit's person, by the edit's number. One query."""
    people = Contact.objects.filter(
        connection__in={c.connection_id for c in changes}, provider_id__in={c.target_id for c in changes}
    ).values_list("connection_id", "provider_id", "name", "pk", "leaving")
    at = {(connection, i): (name, pk, leaving) for connection, i, name, pk, leaving in people}
    found: dict[int, tuple[str, str]] = {}
    for change in changes:
        name, pk, leaving = at.get((change.connection_id, change.target_id), ("", 0, True))
        found[change.number] = (name or "Somebody", f"/people/{pk}/" if pk and not leaving else "")
    return found


def _sharing(user: User, contact: Contact) -> list[Contact]:
    """Those in other address books who have one of the person's first addresses."""
    if not contact.emails:
        return []
    shared = Q()
    for value, *_ in contact.emails[:3]:
        shared |= Q(search_text__contains=f" {words.fold(value)} ")
    rows = Contact.objects.filter(shared, user=user, connection__in=list(accounts_of(user)), leaving=False)
    others = rows.exclude(connection=contact.connection).select_related("connection")
    return list(others[:MOST_OTHERS])


def _values(books: list[Contact], name: str) -> list[Value]:
    """What the address books say, each value once."""
    found: dict[str, Value] = {}
    for book in books:
        for value, label, *_ in getattr(book, name):
            key = words.digits(value) if name == "phones" else value.strip().casefold()
            known = found.setdefault(key or value, Value(value, label, []))
            known.label = known.label or label
            if book.connection not in known.accounts:
                known.accounts.append(book.connection)
    return list(found.values())


def _sending(connection: Connection, changes: list[Change]) -> str:
    if not changes:
        return ""
    vendor = connection.provider_spec.name
    if error := changes[0].error:
        return f"Your change is kept and not at {vendor} yet. {error} It is tried again by itself."
    return f"Your change is on its way to {vendor}."


def _refused(connection: Connection, contact: Contact | None, change: Change) -> Refused:
    vendor = connection.provider_spec.name
    conflict = change.error_code == "conflict"
    text = (
        f"This was changed at {vendor} while you changed it here."
        if conflict
        else f"{vendor} refused to {_DONE.get(change.operation, 'do this')}. {change.error}".strip()
    )
    wanted = change.payload.get("fields")
    said = contact.said if contact else {}
    fields = [
        (NAMES[name], _said(value), _said(said.get(name)))
        for name, value in (wanted.items() if isinstance(wanted, dict) else ())
        if name in NAMES
    ]
    return Refused(str(change.id), text, conflict, fields)


def _said(value: object) -> str:
    """A field in words."""
    if isinstance(value, list):
        return ", ".join(str(pair[0]) for pair in value) or "nothing"
    return str(value or "nothing")
