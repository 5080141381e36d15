"""Google Contacts for scripts: each method is one thing that the People API does, in Google's own shapes.

Nothing here is stored; the next sync brings what was changed. Syncing itself is in ``people``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from integrations.providers.base import Session
from integrations.providers.google.api import call, people_api
from integrations.providers.google.live_pages import Json, first, walk
from integrations.providers.google.people_person import FIELDS

MOST_OF_A_PAGE = 1000
MOST_FOUND = 30
_MASK = ",".join(FIELDS)
_READ_ONLY = frozenset({"metadata", "photos"})


class GoogleContactsApi:
    """One account's address book. Every method raises ``integrations.errors``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._people = people_api(session.endpoints["people"]).people()
        self._groups = people_api(session.endpoints["people"]).contactGroups()
        self._warm = False

    def iter_contacts(self) -> Iterator[Json]:
        """Everybody in the address book."""
        options: Any = {"resourceName": "people/me", "personFields": _MASK, "pageSize": MOST_OF_A_PAGE}
        connections = self._people.connections()
        return walk(self._session, lambda page: connections.list(**options, **cast(Any, page)), "connections")

    def list_contacts(self, page_size: int | None = 100) -> list[Json]:
        """The first ``page_size`` people; all of them for ``None``."""
        return first(self.iter_contacts(), page_size)

    def get_contact(self, resource_name: str) -> Json:
        """One person, such as ``people/c123``. Raises ``NotFound``."""
        return dict(call(self._session, self._people.get(resourceName=resource_name, personFields=_MASK)))

    def search_contacts(self, query: str) -> list[Json]:
        """Up to 30 people with a name, address, number or organisation that begins so (people.searchContacts)."""
        if not self._warm:
            # Google answers from a cache that it fills on the first, empty question.
            call(self._session, self._people.searchContacts(query="", readMask=_MASK))
            self._warm = True
        built = self._people.searchContacts(query=query, readMask=_MASK, pageSize=MOST_FOUND)
        return [dict(found["person"]) for found in call(self._session, built).get("results") or ()]

    def create_contact(self, data: Mapping[str, Any]) -> Json:
        """Add a person.

        >>> contacts.create_contact({
        ...     "names": [{"givenName": "Ben", "familyName": "Okafor"}],
        ...     "emailAddresses": [{"value": "ben@example.org"}],
        ... })  # doctest: +SKIP
        """
        body: Any = dict(data)
        return dict(call(self._session, self._people.createContact(body=body, personFields=_MASK)))

    def update_contact(self, resource_name: str, data: Mapping[str, Any]) -> Json:
        """Change the fields that ``data`` names. Raises ``Conflict`` where an ``etag`` in it is not the present one."""
        known = {} if "etag" in data and "metadata" in data else self.get_contact(resource_name)
        fields = {name: value for name, value in data.items() if name in FIELDS and name not in _READ_ONLY}
        source = data.get("metadata") or known.get("metadata") or {}
        body: Any = {"etag": data.get("etag") or known.get("etag"), "metadata": source, **fields}
        built = self._people.updateContact(
            resourceName=resource_name, body=body, updatePersonFields=",".join(sorted(fields)), personFields=_MASK
        )
        return dict(call(self._session, built))

    def delete_contact(self, resource_name: str) -> None:
        """Delete a person. Raises ``NotFound``."""
        call(self._session, self._people.deleteContact(resourceName=resource_name))

    def list_groups(self) -> list[Json]:
        """The contact groups, Google's own and the user's."""
        return list(walk(self._session, lambda page: self._groups.list(**cast(Any, page)), "contactGroups"))

    def create_group(self, name: str) -> Json:
        """Make a contact group."""
        body: Any = {"contactGroup": {"name": name}}
        return dict(call(self._session, self._groups.create(body=body)))
