"""Which full walk a row was last mentioned by: what a completed walk of a collection did not mention is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import OuterRef

from integrations.models import Collection, Connection
from integrations.records import Service
from mail.models import Folder


@dataclass(frozen=True, slots=True)
class Walk:
    """The numbers to stamp rows with: ``number`` on messages and memberships, but for ``folders`` their own."""

    number: int
    folders: dict[int, int] = field(default_factory=dict)

    def of(self, folder_id: int) -> int:
        return self.folders.get(folder_id, self.number)


def walked_alone(connection: Connection) -> dict[str, int]:
    """The folders that are collections of their own, with their walk's number; empty for a mailbox of labels.

    A message of a provider with such folders is in exactly one of them.
    """
    ids = Folder.objects.filter(connection=connection).values("provider_id")
    collections = Collection.objects.filter(connection=connection, service=Service.MAIL.value, provider_id__in=ids)
    return dict(collections.values_list("provider_id", "generation"))


def one_folder_each(connections: Iterable[Connection]) -> set[UUID]:
    """Those of the connections whose messages are in exactly one folder. One query."""
    rows = Collection.objects.filter(connection__in=list(connections), service=Service.MAIL.value)
    alone = rows.filter(provider_id__in=Folder.objects.filter(connection=OuterRef("connection")).values("provider_id"))
    return set(alone.values_list("connection_id", flat=True))


def present(connection: Connection, folders: dict[str, Folder]) -> Walk:
    """For what is stored outside of a walk: it counts as mentioned by each walk that goes on now."""
    numbers = dict(
        Collection.objects.filter(connection=connection, service=Service.MAIL.value).values_list(
            "provider_id", "generation"
        )
    )
    mailbox = max((n for i, n in numbers.items() if i not in folders), default=0)
    return Walk(mailbox, {folders[i].pk: n for i, n in numbers.items() if i in folders})
