"""Stored address books for the Python layer's unified side. Pages have queries of their own."""

from __future__ import annotations

from collections.abc import Sequence

from contacts import words
from contacts.models import Contact
from integrations.layers.readers import Person
from integrations.models import Connection


class PeopleReader:
    """A ``integrations.layers.readers.PeopleReader``."""

    def people(self, connections: Sequence[Connection], text: str, limit: int) -> list[Person]:
        """One query."""
        by_id = {c.pk: c for c in connections}
        found = Contact.objects.filter(connection__in=list(connections), leaving=False)
        for term in words.terms(text):
            found = found.filter(search_text__contains=term)
        return [_person(row, by_id[row.connection_id]) for row in found.order_by("sort_key", "id")[:limit]]


def _person(row: Contact, connection: Connection) -> Person:
    return Person(
        id=row.pk,
        account=connection.email,
        provider=connection.provider,
        provider_id=row.provider_id,
        name=row.name,
        emails=tuple(value for value, _ in row.emails),
        phones=tuple(value for value, _ in row.phones),
        organization=row.organization,
        job_title=row.job_title,
    )
