"""What a person's row says here, in short, to compare it with what its provider says."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from contacts.models import Contact
from contacts.models.contact import NEW
from contacts.store.rows import EDITABLE
from integrations.models import Collection

# Without the key of the photo, which a provider may change though the photo is the same.
_FIELDS = ("name", *EDITABLE, "said", "addresses", "group_ids", "categories", "read_only", "leaving")
Fingerprint = tuple[object, ...]


def sample(collection: Collection, count: int) -> list[str]:
    """Ids of people of a collection whom the provider knows, by chance."""
    known = _of(collection).exclude(provider_id__startswith=NEW)
    return list(known.order_by("?").values_list("provider_id", flat=True)[:count])


def fingerprints(collection: Collection, ids: Sequence[str]) -> dict[str, Fingerprint]:
    """By id; those that are not in the collection here are left out."""
    rows = _of(collection).filter(provider_id__in=ids)
    return {row[0]: row[1:] for row in rows.values_list("provider_id", *_FIELDS)}


def _of(collection: Collection) -> QuerySet[Contact]:
    return Contact.objects.filter(connection_id=collection.connection_id, collection_id=collection.provider_id)
