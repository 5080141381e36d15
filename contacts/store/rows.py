"""A person's row: from what a provider said, and with edits on top. Writing rows is left to ``store``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from contacts import words
from contacts.models import Contact
from integrations.models import Change, Collection
from integrations.records import ContactRecord, Labelled, Operation

# What an edit may change; everything else of a row is the provider's.
EDITABLE = (
    *("given_name", "family_name", "nickname", "emails", "phones", "organization", "job_title", "birthday", "notes"),
)
KEPT = (
    *("collection_id", "name", *EDITABLE, "addresses", "group_ids", "categories", "photo_key", "said", "read_only"),
    *("leaving", "etag", "generation", "sort_key", "search_text"),
)


def from_record(collection: Collection, record: ContactRecord) -> Contact:
    """A new row of a person as the provider says them."""
    connection = collection.connection
    row = Contact(
        user_id=connection.user_id,
        connection=connection,
        provider_id=record.id,
        collection_id=collection.provider_id,
        generation=collection.generation,
    )
    take(row, record)
    return row


def take(row: Contact, record: ContactRecord) -> None:
    """Make a row say what the provider says."""
    row.said = {name: _plain(getattr(record, name)) for name in EDITABLE} | {"name": record.name}
    row.addresses = _plain(record.addresses)
    row.group_ids, row.categories = sorted(record.group_ids), list(record.categories)
    row.photo_key, row.read_only, row.etag = record.photo_key, record.read_only, record.etag
    show(row, ())


def show(row: Contact, changes: Iterable[Change]) -> None:
    """Show what the provider said with these edits on top, oldest first."""
    edits = [change for change in changes if change.target_id == row.provider_id]
    fields: dict[str, Any] = dict(row.said)
    for change in edits:
        fields |= _edited(change)
    for name in EDITABLE:
        setattr(row, name, fields.get(name) or ([] if name in ("emails", "phones") else ""))
    row.leaving = any(change.operation == Operation.CONTACT_DELETE for change in edits)
    row.name = _called(row.said, fields)
    row.sort_key = words.sort_key(row.name, row.family_name, row.given_name)
    texts = (row.name, row.given_name, row.family_name, row.nickname, row.organization, row.job_title)
    row.search_text = words.search_text((*texts, *row.categories), row.emails, row.phones)


def _edited(change: Change) -> Mapping[str, Any]:
    fields = change.payload.get("fields")
    return {name: fields[name] for name in EDITABLE if name in fields} if isinstance(fields, dict) else {}


def _called(said: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """The provider's own display name until an edit changes the parts that it is made of."""
    parts = ("given_name", "family_name")
    if said.get("name") and all(said.get(part) == fields.get(part) for part in parts):
        return str(said["name"])
    return words.display_name(fields)


def _plain(value: Any) -> Any:
    return [[v.value, v.label] for v in value if isinstance(v, Labelled)] if isinstance(value, tuple) else value
