"""Google Contacts for one account, as the contract wants contacts.

Two collections: the address book, and "other contacts" (people written to without being saved), which Google lets
nobody change. A sync token lives for seven days from the full sync that began it, however often it is used (People API,
people.connections.list), so a cursor remembers when that was and begins a full walk of its own accord before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from integrations.errors import CursorExpired, NotFound, PermanentFailure
from integrations.providers import contact_edits
from integrations.providers.base import Session
from integrations.providers.google import batch, cursors, people_edit, photos
from integrations.providers.google.api import call, other_contacts, people_api, people_connections, request_of
from integrations.providers.google.people_person import (
    FIELDS,
    OTHER_FIELDS,
    contact_record,
    group_record,
    is_removal,
)
from integrations.providers.http import Response
from integrations.records import ChangeRecord, CollectionRecord, ContactRecord, Discovery, Operation, Page, Service

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

PAGE_SIZE = 500
LIST_AT_ONCE = 1000
# Google reads 200 at once, but the address that names so many is longer than servers like.
READ_AT_ONCE = 100
NOT_FOUND = 5  # google.rpc.Code
RENEW_AFTER = timedelta(days=6)
BATCH_PATH = "batch"
OTHERS_SCOPE = "https://www.googleapis.com/auth/contacts.other.readonly"
ADDRESS_BOOK = CollectionRecord(Service.CONTACTS, "connections", "Contacts", priority=20)
OTHERS = CollectionRecord(Service.CONTACTS, "otherContacts", "Other contacts", priority=90)
_MASK, _OTHER_MASK = ",".join(FIELDS), ",".join(OTHER_FIELDS)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class GoogleContactsClient:
    """A ``ContactsClient``."""

    def __init__(self, session: Session, now: Callable[[], datetime] = _utc_now) -> None:
        self._session = session
        self._root = session.endpoints["people"]
        self._api = people_api(self._root)
        self._now = now

    def discover(self) -> Discovery:
        """The groups, the address book, and the other contacts where its owner allowed them."""
        groups: list[Mapping[str, Any]] = []
        page_token, more = "", True
        while more:
            options: dict[str, Any] = {"pageSize": 1000, "groupFields": "name,groupType,metadata"}
            if page_token:
                options["pageToken"] = page_token
            listed = call(self._session, self._api.contactGroups().list(**options))
            groups += [g for g in listed.get("contactGroups") or () if not (g.get("metadata") or {}).get("deleted")]
            page_token = str(listed.get("nextPageToken", ""))
            more = bool(page_token)
        others = (OTHERS,) if OTHERS_SCOPE in self._session.scopes else ()
        return Discovery(tuple(map(group_record, groups)), (ADDRESS_BOOK, *others))

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[ContactRecord]]:
        """Pages after ``cursor``: everybody, or those that changed. Raises ``integrations.errors``."""
        position = cursors.load(cursor) if cursor else {}
        if self._renewal_due(position):
            position = {}
        token, page_token, more = position.get("sync", ""), position.get("page", ""), True
        began = position.get("began") or self._now().isoformat()
        others = collection.id == OTHERS.id
        while more:
            listed = self._listed(others, token, page_token)
            page_token = str(listed.get("nextPageToken", ""))
            more = bool(page_token)
            after = token if more else str(listed["nextSyncToken"])
            people = listed.get("otherContacts" if others else "connections") or ()
            yield Page(
                cursors.dump(sync=after, page=page_token, began=began),
                tuple(contact_record(p, read_only=others) for p in people if not is_removal(p)),
                tuple(p["resourceName"] for p in people if is_removal(p)),
                complete=not more,
                full=not token,
                total=_total(listed) if not token else None,
            )

    def poll(self, cursors_of: Mapping[str, str]) -> frozenset[str]:
        """See ``Polls``. The token of an answer without people may be left unused: it would end on the same day."""
        asked = {}
        for collection_id, cursor in cursors_of.items():
            position = cursors.load(cursor)
            if position.get("sync") and not position.get("page") and not self._renewal_due(position):
                asked[collection_id] = request_of(self._listing(collection_id == OTHERS.id, position["sync"], ""))
        address = f"{self._root.rstrip('/')}/{BATCH_PATH}"
        answers = batch.ask(self._session, address, asked, "people.people.connections.list")
        return frozenset(cursors_of.keys() - {i for i, answer in answers.items() if _says_nothing(answer)})

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[ContactRecord, ...], tuple[str, ...]]:
        """See ``Reads``. The other contacts can only be listed."""
        if collection_id == OTHERS.id:
            there = {p["resourceName"]: p for p in self._everybody(collection_id, _OTHER_MASK)}
            found = tuple(contact_record(there[i], read_only=True) for i in ids if i in there)
            return found, tuple(i for i in ids if i not in there)
        answers = [
            answer for at in range(0, len(ids), READ_AT_ONCE) for answer in self._several(ids[at:][:READ_AT_ONCE])
        ]
        present = [a["person"] for a in answers if "person" in a and not is_removal(a["person"])]
        gone = (str(a["requestedResourceName"]) for a in answers if _is_gone(a))
        return tuple(map(contact_record, present)), tuple(gone)

    def ids(self, collection_id: str) -> Iterator[str]:
        """See ``Lists``."""
        return (str(person["resourceName"]) for person in self._everybody(collection_id, "metadata"))

    def apply(self, change: ChangeRecord) -> tuple[ContactRecord, ...]:
        """Create, change or delete a contact; what Google has afterwards."""
        if change.operation is Operation.CONTACT_CREATE:
            return (self._create(change),)
        if change.operation is Operation.CONTACT_UPDATE:
            return (contact_edits.until_written(lambda: self._lay_in(change)),)
        if change.operation is Operation.CONTACT_DELETE:
            call(self._session, self._api.people().deleteContact(resourceName=change.target_id))
            return ()
        raise PermanentFailure("Google cannot do this to a contact.", code=str(change.operation))

    def photo(self, contact_id: str, key: str, max_bytes: int) -> bytes:
        """See ``Portrays``. The key is the photo's address."""
        return photos.fetch(key, self._root, max_bytes)

    def _create(self, change: ChangeRecord) -> ContactRecord:
        """A new contact. Google takes no key for it, so a repeated attempt looks first whether it is there."""
        fields: Mapping[str, Any] = change.payload["fields"]  # type: ignore[assignment]
        made = self._created_before(fields) if change.repeated else None
        if made is None:
            body: Any = {name: entries for name, entries in people_edit.body(fields, {}).items() if entries}
            made = contact_record(call(self._session, self._api.people().createContact(body=body, personFields=_MASK)))
        return replace(made, former_ids=made.former_ids | {change.target_id})

    def _created_before(self, fields: Mapping[str, Any]) -> ContactRecord | None:
        records = (record for page in self.sync(ADDRESS_BOOK, None) for record in page.changed)
        return contact_edits.first_saying(records, fields)

    def _lay_in(self, change: ChangeRecord) -> ContactRecord:
        """Lay an edit into the contact as it is now. Raises ``Conflict`` where the same field changed there."""
        fields: Mapping[str, Any] = change.payload["fields"]  # type: ignore[assignment]
        person = self._present(change.target_id)
        contact_edits.check(change.payload, contact_record(person))
        changed = people_edit.body(fields, person)
        body: Any = {**changed, "etag": person["etag"], "metadata": {"sources": _sources(person)}}
        built = self._api.people().updateContact(
            resourceName=str(person["resourceName"]),
            body=body,
            updatePersonFields=",".join(sorted(changed)),
            personFields=_MASK,
        )
        return contact_record(call(self._session, built))

    def _several(self, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """People API, people.getBatchGet: an answer for each, with a status of its own."""
        built = self._api.people().getBatchGet(resourceNames=list(ids), personFields=_MASK)
        answers: Sequence[Mapping[str, Any]] = call(self._session, built).get("responses") or ()
        return answers

    def _everybody(self, collection_id: str, mask: str) -> Iterator[Mapping[str, Any]]:
        """A collection's people with some of their fields, without a token: that is another quota, and no walk."""
        options: dict[str, Any] = {"pageSize": LIST_AT_ONCE}
        built: HttpRequest
        more = True
        while more:
            if collection_id == OTHERS.id:
                built = other_contacts(self._root).list(readMask=mask, **options)
            else:
                built = people_connections(self._root).list(resourceName="people/me", personFields=mask, **options)
            listed = call(self._session, built)
            yield from listed.get("otherContacts") or listed.get("connections") or ()
            options["pageToken"] = listed.get("nextPageToken")
            more = bool(options["pageToken"])

    def _present(self, contact_id: str) -> Mapping[str, Any]:
        person = call(self._session, self._api.people().get(resourceName=contact_id, personFields=_MASK))
        if is_removal(person):
            raise NotFound("This contact is gone at Google.", code="deleted")
        return person

    def _renewal_due(self, position: Mapping[str, str]) -> bool:
        """Whether a finished walk is so old that its token is about to end."""
        if not position.get("sync"):
            return False
        try:
            return self._now() - datetime.fromisoformat(position["began"]) > RENEW_AFTER
        except (KeyError, TypeError, ValueError):
            raise CursorExpired("The place where the last sync ended cannot be read.", code="began") from None

    def _listed(self, others: bool, token: str, page_token: str) -> Mapping[str, Any]:
        # With a token, 400 says that it is too old or belongs to another call.
        expired = frozenset({400, 410}) if token or page_token else frozenset()
        return call(self._session, self._listing(others, token, page_token), cursor_statuses=expired)

    def _listing(self, others: bool, token: str, page_token: str) -> HttpRequest:
        options: dict[str, Any] = {"pageSize": PAGE_SIZE, "requestSyncToken": True}
        if token:
            options["syncToken"] = token
        if page_token:
            options["pageToken"] = page_token
        if others:
            return other_contacts(self._root).list(readMask=_OTHER_MASK, **options)
        return people_connections(self._root).list(resourceName="people/me", personFields=_MASK, **options)


def _says_nothing(answer: Response) -> bool:
    if not answer.ok:
        return False
    listed = answer.json()
    return not (listed.get("connections") or listed.get("otherContacts") or listed.get("nextPageToken"))


def _is_gone(answer: Mapping[str, Any]) -> bool:
    if "person" in answer:
        return is_removal(answer["person"])
    return bool((answer.get("status") or {}).get("code") == NOT_FOUND)


def _total(listed: Mapping[str, Any]) -> int | None:
    count = listed.get("totalItems", listed.get("totalSize"))
    return count if isinstance(count, int) else None


def _sources(person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The source that is changed, with its etag; without it Google refuses the change."""
    sources: list[Mapping[str, Any]] = (person.get("metadata") or {}).get("sources") or []
    return [source for source in sources if source.get("type") == "CONTACT"]
