"""The contact store, as the sync engine knows it (``integrations.sync.stores.Store``).

A removed id means gone from its collection: a person who moved to another folder has another collection by then, or
comes again. Rows keep what the provider said beside what is shown, so an edit that is given up leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet

from contacts.files import files
from contacts.models import Contact, Group
from contacts.models.contact import NEW
from contacts.store import comparing, former, rows
from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.records import ContactGroupRecord, ContactRecord, Container, Page, Record, Service

BATCH = 500
UNSETTLED = (ChangeState.WAITING, ChangeState.SENDING)


class ContactStore:
    """Every method but ``purge`` runs inside the caller's transaction."""

    def containers(self, connection: Connection, records: Sequence[Container]) -> None:
        """Make the connection's groups be exactly these. People in a folder that went go with it."""
        groups = [r for r in records if isinstance(r, ContactGroupRecord)]
        gone = Group.objects.filter(connection=connection).exclude(provider_id__in=[g.id for g in groups])
        people = Contact.objects.filter(connection=connection)
        people.filter(collection_id__in=list(gone.values_list("provider_id", flat=True))).delete()
        # So do those of a collection that is not read any more, as after its permission was withdrawn.
        read = connection.collections.filter(service=Service.CONTACTS.value).values_list("provider_id", flat=True)
        people.exclude(collection_id__in=list(read)).delete()
        gone.delete()
        Group.objects.bulk_create(
            [
                Group(connection=connection, provider_id=g.id, name=g.name[:255] or "Unnamed", system=g.system)
                for g in groups
            ],
            update_conflicts=True,
            unique_fields=["connection", "provider_id"],
            update_fields=["name", "system"],
        )

    def apply(self, collection: Collection, page: Page[Record]) -> None:
        """Upsert a page and drop what it removes; twice is as once."""
        told = [r for r in page.changed if isinstance(r, ContactRecord)]
        records = {r.id: r for r in (former.recognised(collection, told) if told else ())}
        for record in records.values():
            former.adopt(collection.connection, record)
        Contact.objects.bulk_create(
            [rows.from_record(collection, record) for record in records.values()],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["connection", "provider_id"],
            update_fields=list(rows.KEPT),
        )
        mine = Contact.objects.filter(connection=collection.connection, collection_id=collection.provider_id)
        for at in range(0, len(page.removed), BATCH):
            mine.filter(provider_id__in=page.removed[at : at + BATCH]).delete()

    def finish_walk(self, collection: Collection) -> int:
        """Drop whom a completed full walk did not mention; who is still on the way to the provider stays."""
        old = Contact.objects.filter(
            connection=collection.connection,
            collection_id=collection.provider_id,
            generation__lt=collection.generation,
        ).exclude(provider_id__startswith=NEW)
        return old.delete()[1].get("contacts.Contact", 0)

    def confirm(self, connection: Connection, records: Iterable[Record]) -> None:
        """Take over what a provider answered to an edit."""
        for record in records:
            if not isinstance(record, ContactRecord):
                continue
            former.adopt(connection, record)
            row = _to_change(connection).filter(provider_id=record.id).first()
            if row is None:
                continue
            rows.take(row, record)
            # A walk that is under way may have passed the place where a new person stands.
            walks = connection.collections.filter(service=Service.CONTACTS.value, provider_id=row.collection_id)
            row.generation = max([row.generation, *walks.values_list("generation", flat=True)])
            row.save(update_fields=rows.KEPT)

    def overlay(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Put edits that are on their way back on top of what was just stored."""
        mine = [change for change in changes if change.service == Service.CONTACTS.value]
        targets = {change.target_id for change in mine}
        for row in _to_change(connection).filter(provider_id__in=targets):
            rows.show(row, mine)
            row.save(update_fields=rows.KEPT)

    def revert(self, change: Change) -> None:
        """Show a person without a refused edit; one whom the provider does not know is gone."""
        connection = change.connection
        row = _to_change(connection).filter(provider_id=change.target_id).first()
        if row is None:
            return
        later = Change.objects.filter(
            connection=connection, service=change.service, target_id=change.target_id, state__in=UNSETTLED
        )
        if row.is_new:
            later.delete()
            row.delete()
            return
        rows.show(row, later.order_by("number"))
        row.save(update_fields=rows.KEPT)

    def refused(self, change: Change) -> None:
        """Show what the provider says; one whom it does not know stays, to be tried again or given up."""
        row = Contact.objects.filter(connection=change.connection, provider_id=change.target_id).first()
        if row is not None and not row.is_new:
            self.revert(change)

    def rebased(self, change: Change) -> dict[str, object]:
        """Over what the provider says now."""
        row = Contact.objects.filter(connection=change.connection, provider_id=change.target_id).first()
        was = change.payload.get("was")
        if row is None or not isinstance(was, dict):
            return dict(change.payload)
        return {**change.payload, "was": {name: row.said.get(name) for name in was}}

    def counts_of_user(self, user_id: UUID) -> dict[tuple[UUID, str], int]:
        """People per collection of all of a user's connections."""
        shown = Contact.objects.filter(user_id=user_id, leaving=False).order_by()
        counted = shown.values_list("connection_id", "collection_id").annotate(n=Count("id"))
        return {(connection, collection): n for connection, collection, n in counted}

    def count(self, collection: Collection) -> int:
        """People of a collection."""
        shown = Contact.objects.filter(connection_id=collection.connection_id, leaving=False)
        return shown.filter(collection_id=collection.provider_id).count()

    def sample(self, collection: Collection, count: int) -> list[str]:
        """See ``Comparable``."""
        return comparing.sample(collection, count)

    def fingerprints(self, collection: Collection, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
        """See ``Comparable``."""
        return comparing.fingerprints(collection, ids)

    def purge(self, connection: Connection, limit: int) -> bool:
        """Delete at most ``limit`` people, then the groups; False when nothing is left."""
        with transaction.atomic():
            ids = list(Contact.objects.filter(connection=connection).order_by().values_list("pk", flat=True)[:limit])
            if ids:
                Contact.objects.filter(pk__in=ids).delete()
                return True
            Group.objects.filter(connection=connection).delete()
        files.remove(connection.pk)
        return False


def _to_change(connection: Connection) -> QuerySet[Contact]:
    """Rows that are read to be written: what another transaction is writing into them is waited for."""
    return Contact.objects.select_for_update(no_key=True).filter(connection=connection).order_by("pk")
