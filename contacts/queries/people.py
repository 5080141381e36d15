"""The list of a user's people, in pages by keyset, searched and narrowed to an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from contacts import words
from contacts.models import Contact
from contacts.queries.portraits import COLUMNS, Portrait, portrait
from integrations.models import Collection, Connection
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.records import Service

PAGE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of people, ready to show. ``accounts`` are those whose address books have the person."""

    id: int
    name: str
    about: str
    initials: str
    photo: Portrait | None
    accounts: list[Connection]


@dataclass(frozen=True, slots=True)
class Section:
    """The people under one letter, which is empty where an earlier page has begun with it."""

    letter: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; ``after`` continues it and is empty on the last one."""

    sections: list[Section]
    after: str


def accounts_of(user: User) -> dict[UUID, Connection]:
    """The user's accounts whose people are shown. An account that is being removed is gone already."""
    mine = Connection.objects.filter(user=user).exclude(state=State.DISCONNECTING)
    return {c.pk: c for c in mine if Service.CONTACTS.value in c.chosen_services}


def arriving(accounts: dict[UUID, Connection]) -> list[str]:
    """The names of accounts whose address book is still on its way."""
    rows = Collection.objects.filter(connection__in=list(accounts), service=Service.CONTACTS.value, enabled=True)
    waiting = {c.connection_id for c in rows if c.phase == Phase.FIRST and (not c.is_list or not c.succeeded_at)}
    return [c.display_name for pk, c in accounts.items() if pk in waiting]


def off(accounts: dict[UUID, Connection]) -> list[str]:
    """The names of accounts whose contacts were chosen and then not allowed at the provider."""
    return [c.display_name for c in accounts.values() if Service.CONTACTS not in c.services]


def people(user: User, accounts: dict[UUID, Connection], query: str, account: UUID | None) -> QuerySet[Contact]:
    """Everybody who matches, in the order of the list."""
    chosen = [account] if account in accounts else list(accounts)
    found = Contact.objects.filter(user=user, connection__in=chosen, leaving=False)
    for term in words.terms(query):
        found = found.filter(search_text__contains=term)
    return found.order_by("sort_key", "id")


def page(found: QuerySet[Contact], accounts: dict[UUID, Connection], after: str = "", size: int = PAGE) -> Listing:
    """The people after ``after``, which an earlier page gave. One query."""
    key, _, number = after.rpartition("~")
    last = ""
    if number.isascii() and number.isdecimal() and len(number) < 19:
        found = found.filter(Q(sort_key__gt=key) | Q(sort_key=key, id__gt=int(number)))
        last = words.letter(key)
    columns = ("id", "name", "sort_key", "organization", "job_title", "emails", "apart", "connection_id", *COLUMNS)
    contacts = list(found.only(*columns)[: size + 1])
    sections: list[Section] = []
    before: list[Contact] = []
    for contact in contacts[:size]:
        if any(same_person(contact, other) for other in before):
            before.append(contact)
            rows = sections[-1].rows
            rows[-1].accounts.append(accounts[contact.connection_id])
            rows[-1] = replace(rows[-1], photo=portrait(before))
            continue
        before = [contact]
        letter = words.letter(contact.sort_key)
        if not sections or letter != last:
            sections.append(Section("" if letter == last else letter, []))
        sections[-1].rows.append(row_of(contact, accounts[contact.connection_id]))
        last = letter
    end = contacts[size - 1] if len(contacts) > size else None
    return Listing(sections, quote(f"{end.sort_key}~{end.pk}") if end else "")


def same_person(one: Contact, other: Contact) -> bool:
    """The same name and a common address in two address books, unless their owner said otherwise."""
    return (
        one.connection_id != other.connection_id
        and one.sort_key == other.sort_key
        and not (one.apart or other.apart)
        and bool(words.addresses(one.emails) & words.addresses(other.emails))
    )


def row_of(contact: Contact, connection: Connection, about: str = "") -> Row:
    """A person's line; what is said about them is their work, else an address, unless ``about`` is given."""
    work = ", ".join(filter(None, (contact.job_title, contact.organization)))
    email = contact.emails[0][0] if contact.emails else ""
    return Row(
        contact.pk,
        contact.name or "No name",
        about or next((text for text in (work, email) if text and text != contact.name), ""),
        words.initials(contact.name),
        portrait([contact]),
        [connection],
    )
