"""Outlook's contacts for scripts: each method is one thing that Microsoft Graph does, in Graph's own shapes.

Nothing here is stored; the next sync brings what was changed. Syncing itself is in ``contacts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from integrations.providers.base import Session
from integrations.providers.microsoft.graph import Graph, Json, path

_SOUGHT = ("displayName", "givenName", "surname", "nickName", "companyName", "jobTitle", "mobilePhone")
_SOUGHT_LISTS = ("businessPhones", "homePhones")


class MicrosoftContactsApi:
    """One account's address book. Every method raises ``integrations.errors``."""

    def __init__(self, session: Session) -> None:
        self._graph = Graph(session)

    def iter_contacts(self, folder: str = "") -> Iterator[Json]:
        """Everybody in the default folder, or in another."""
        return chain.from_iterable(self._graph.pages(_contacts(folder), {"$top": "100"}))

    def list_contacts(self, max_results: int | None = 100, folder: str = "") -> list[Json]:
        """The first ``max_results`` people; all of them for ``None``."""
        return list(islice(self.iter_contacts(folder), max_results))

    def get_contact(self, contact_id: str) -> Json:
        """One person. Raises ``NotFound``."""
        return self._graph.get(path("me", "contacts", contact_id))

    def create_contact(self, data: Mapping[str, Any], folder: str = "") -> Json:
        """Add a person.

        >>> contacts.create_contact({
        ...     "givenName": "Ben",
        ...     "emailAddresses": [{"address": "ben@example.org", "name": "Ben"}],
        ... })  # doctest: +SKIP
        """
        return self._graph.post(_contacts(folder), data)

    def update_contact(self, contact_id: str, data: Mapping[str, Any]) -> Json:
        """Change what ``data`` names. Raises ``Conflict`` where an ``@odata.etag`` in it is not the present one."""
        fields = {name: value for name, value in data.items() if not name.startswith("@")}
        return self._graph.patch(path("me", "contacts", contact_id), fields, etag=str(data.get("@odata.etag") or ""))

    def delete_contact(self, contact_id: str) -> None:
        """Delete a person. Raises ``NotFound``."""
        self._graph.delete(path("me", "contacts", contact_id))

    def search_contacts(self, query: str, max_results: int | None = 25) -> list[Json]:
        """People in all folders whose name, company, address or number holds the text.

        Graph itself finds beginnings of words at best, and differs by mailbox, so everybody is read and compared here.
        """
        sought = query.casefold().strip()
        folders = ["", *(str(folder["id"]) for folder in self.list_contact_folders())]
        everybody = chain.from_iterable(map(self.iter_contacts, folders))
        return list(islice((one for one in everybody if sought in _words(one)), max_results))

    def list_contact_folders(self) -> list[Json]:
        """The folders beside the default one."""
        return list(chain.from_iterable(self._graph.pages("/me/contactFolders", {"$top": "100"})))

    def create_contact_folder(self, name: str, parent: str | None = None) -> Json:
        """Make a folder at the top, or within another."""
        of = path("me", "contactFolders", parent, "childFolders") if parent else "/me/contactFolders"
        return self._graph.post(of, {"displayName": name})

    def convert_from_google_format(self, contact: Mapping[str, Any]) -> Json:
        """A Google person as one for ``create_contact``. What that loses: ``integrations.convert``."""
        from integrations.convert import contact_to_microsoft

        return contact_to_microsoft(contact).value


def _contacts(folder: str) -> str:
    return path("me", "contactFolders", folder, "contacts") if folder else "/me/contacts"


def _words(contact: Json) -> str:
    """What a person can be found by, in one text."""
    lists = (contact.get(name) or () for name in _SOUGHT_LISTS)
    emails = (str(e.get("address") or "") for e in contact.get("emailAddresses") or ())
    texts = (str(contact.get(name) or "") for name in _SOUGHT)
    return "\n".join((*texts, *emails, *chain.from_iterable(lists))).casefold()
