"""Outlook contacts of one account through Microsoft Graph: a collection is a contact folder.

The default folder is in no list of folders and has addresses of its own (Microsoft Graph, "contact: delta"), so it goes
by the name ``contacts``. A removed id means gone from its folder, as with mail: a contact that was moved is new in
another folder, in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.errors import NotFound, PermanentFailure
from integrations.providers import contact_edits
from integrations.providers.base import Session
from integrations.providers.microsoft import contacts_person as mapping
from integrations.providers.microsoft import cursors
from integrations.providers.microsoft.graph import DELTA, NEXT, Graph, Json, path, with_query
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    ContactGroupRecord,
    ContactRecord,
    Discovery,
    Operation,
    Page,
    Service,
)

PAGE_SIZE = 200
IDS_AT_ONCE = 999
DEFAULT = "contacts"
_PAGING = f"odata.maxpagesize={PAGE_SIZE}"
_FOLDERS = {"$top": "100", "$select": "id,displayName"}
_SELECT = {"$select": mapping.SELECT}


class OutlookContacts:
    """``ContactsClient`` for Microsoft."""

    def __init__(self, session: Session) -> None:
        self._graph = Graph(session)

    def discover(self) -> Discovery:
        """The default folder and all others at every depth, each a collection."""
        folders = [ContactGroupRecord(DEFAULT, "Contacts", system=True), *self._folders(path("me", "contactFolders"))]
        return Discovery(
            tuple(folders),
            tuple(CollectionRecord(Service.CONTACTS, f.id, f.name, 20 if f.id == DEFAULT else 30) for f in folders),
        )

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[ContactRecord]]:
        """Pages of a folder's delta; the cursor holds the link that continues after its page.

        Raises ``CursorExpired``, and ``NotFound`` when the folder itself is gone.
        """
        if cursor is None:
            answer, full = self._graph.get(f"{_contacts(collection.id)}/delta", _SELECT, prefer=(_PAGING,)), True
        else:
            fields = cursors.unpack(cursor, "mode", "link")
            answer, full = self._graph.get(fields["link"], prefer=(_PAGING,)), fields["mode"] == "full"
        while True:
            delta = answer.get(DELTA)
            link = delta or answer.get(NEXT)
            if not link:
                raise PermanentFailure("Microsoft's answer does not say how to continue.", code="no_link")
            changed, removed = self._read(answer.get("value", []), collection.id)
            mode = "full" if full and not delta else "delta"
            after = cursors.pack({"mode": mode, "link": link})
            yield Page(after, changed, removed, complete=bool(delta), full=full)
            if delta:
                return
            answer = self._graph.get(link, prefer=(_PAGING,))

    def poll(self, cursors_of: Mapping[str, str]) -> frozenset[str]:
        """See ``Polls``."""
        links = {i: cursors.unpack(cursor, "mode", "link")["link"] for i, cursor in cursors_of.items()}
        return frozenset(links.keys() - self._graph.unchanged(links, prefer=(_PAGING,)))

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[ContactRecord, ...], tuple[str, ...]]:
        """See ``Reads``. Outlook finds a contact wherever it is: in another folder means gone from this one."""
        answers = self._graph.get_many([with_query(path("me", "contacts", i), _SELECT) for i in ids])
        items = [item for item in answers if isinstance(item, dict)]
        moved = {str(item["id"]) for item in self._elsewhere(collection_id, items)}
        found = tuple(mapping.record(item, _group(collection_id)) for item in items if item["id"] not in moved)
        gone = (i for i, answer in zip(ids, answers, strict=True) if isinstance(answer, NotFound))
        return found, (*gone, *moved)

    def ids(self, collection_id: str) -> Iterator[str]:
        """See ``Lists``."""
        for page in self._graph.pages(_contacts(collection_id), {"$select": "id", "$top": str(IDS_AT_ONCE)}):
            yield from (str(item["id"]) for item in page)

    def apply(self, change: ChangeRecord) -> tuple[ContactRecord, ...]:
        """Create, change or delete a contact; what Outlook has afterwards."""
        if change.operation is Operation.CONTACT_CREATE:
            return (self._create(change),)
        if change.operation is Operation.CONTACT_UPDATE:
            return (contact_edits.until_written(lambda: self._lay_in(change)),)
        if change.operation is Operation.CONTACT_DELETE:
            # Without If-Match: who deletes a person means the person, not one version of the card.
            self._graph.delete(path("me", "contacts", change.target_id))
            return ()
        raise PermanentFailure(f"Microsoft contacts cannot do {change.operation.value}.", code="operation")

    def photo(self, contact_id: str, key: str, max_bytes: int) -> bytes:
        """See ``Portrays``. Contacts of every folder have their photos below the same path."""
        return self._graph.get_bytes(path("me", "contacts", contact_id, "photo", "$value"), max_bytes)

    def _create(self, change: ChangeRecord) -> ContactRecord:
        """A new contact. Outlook takes no key for it, so a repeated attempt looks first whether it is there."""
        fields: Mapping[str, Any] = change.payload["fields"]  # type: ignore[assignment]
        folder = change.collection_id or DEFAULT
        made = self._created_before(folder, fields) if change.repeated else None
        if made is None:
            made = mapping.record(self._graph.post(_contacts(folder), mapping.body(fields, {})), _group(folder))
        return replace(made, former_ids=frozenset({change.target_id}))

    def _created_before(self, folder: str, fields: Mapping[str, Any]) -> ContactRecord | None:
        pages = self._graph.pages(_contacts(folder), {**_SELECT, "$top": str(PAGE_SIZE)})
        records = (mapping.record(item, _group(folder)) for page in pages for item in page)
        return contact_edits.first_saying(records, fields)

    def _lay_in(self, change: ChangeRecord) -> ContactRecord:
        """Lay an edit into the contact as it is now. Raises ``Conflict`` where the same field changed there."""
        fields: Mapping[str, Any] = change.payload["fields"]  # type: ignore[assignment]
        where, group = path("me", "contacts", change.target_id), _group(change.collection_id)
        item = self._graph.get(where, _SELECT)
        contact_edits.check(change.payload, mapping.record(item))
        changed = self._graph.patch(where, mapping.body(fields, item), etag=str(item.get("@odata.etag") or ""))
        return mapping.record(changed, group)

    def _elsewhere(self, folder: str, items: Sequence[Json]) -> Iterator[Json]:
        """Those of some contacts that are in another folder. The default one's id is nowhere stated: it is no other."""
        if folder != DEFAULT:
            yield from (item for item in items if item["parentFolderId"] != folder)
        elif items:
            others = {f.id for f in self._folders(path("me", "contactFolders"))}
            yield from (item for item in items if item["parentFolderId"] in others)

    def _folders(self, where: str) -> Iterator[ContactGroupRecord]:
        for page in self._graph.pages(where, _FOLDERS):
            for item in page:
                yield ContactGroupRecord(str(item["id"]), str(item.get("displayName") or ""))
                yield from self._folders(path("me", "contactFolders", item["id"], "childFolders"))

    def _read(self, items: Sequence[Json], folder: str) -> tuple[tuple[ContactRecord, ...], tuple[str, ...]]:
        """A page's records and removed ids. An item may repeat within a page; the last one counts."""
        latest = {str(item["id"]): item for item in items}
        removed = tuple(i for i, item in latest.items() if "@removed" in item)
        present = [item for item in latest.values() if "@removed" not in item]
        # Changed items hold at least what changed ("delta query overview"): the rest of a thin one is fetched.
        thin = [str(item["id"]) for item in present if not mapping.is_whole(item)]
        fetched = self._graph.get_many([with_query(path("me", "contacts", i), _SELECT) for i in thin])
        whole = [item for item in (*present, *fetched) if isinstance(item, dict) and mapping.is_whole(item)]
        return tuple(mapping.record(item, _group(folder)) for item in whole), removed


def _contacts(folder: str) -> str:
    return path("me", "contacts") if folder == DEFAULT else path("me", "contactFolders", folder, "contacts")


def _group(folder: str) -> str:
    return "" if folder == DEFAULT else folder
