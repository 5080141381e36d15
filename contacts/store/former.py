"""People who got another id: those made here, once the provider knows them, and those whom the provider merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils import timezone

from contacts.models import Contact
from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.providers import contact_edits
from integrations.records import ContactRecord, Operation, Service


def recognised(collection: Collection, records: Iterable[ContactRecord]) -> list[ContactRecord]:
    """The records, with the id that they have here where they were made here and only the answer is not here yet.

    A creation whose answer was lost has arrived, and is not tried again.
    """
    sent = Change.objects.filter(
        connection_id=collection.connection_id,
        service=Service.CONTACTS.value,
        operation=Operation.CONTACT_CREATE.value,
        collection_id=collection.provider_id,
        state__in=(ChangeState.WAITING, ChangeState.SENDING),
        attempts__gt=0,
    )
    found, left = list(records), list(sent)
    if not left:
        return found
    known = Contact.objects.filter(connection_id=collection.connection_id, provider_id__in=[r.id for r in found])
    here = set(known.values_list("provider_id", flat=True))
    for place, record in enumerate(found):
        made = next(
            (c for c in left if record.id not in here and contact_edits.says(record, c.payload["fields"])), None
        )
        if made is not None:
            left.remove(made)
            arrived = Change.objects.filter(pk=made.pk, state=ChangeState.WAITING)
            arrived.update(state=ChangeState.DONE, finished_at=timezone.now(), error="", error_code="")
            found[place] = replace(record, former_ids=record.former_ids | {made.target_id})
    return found


def adopt(connection: Connection, record: ContactRecord) -> None:
    """Give the row under one of the record's former ids its present id, and the edits that wait for it as well.

    The older row stays, since pages that are open show it; what came under the new id meanwhile gives way.
    """
    former = record.former_ids - {record.id}
    if not former:
        return
    known = Contact.objects.filter(connection=connection)
    old = list(known.filter(provider_id__in=former).order_by("pk"))
    if not old:
        return
    known.filter(provider_id=record.id).delete()
    known.filter(pk__in=[row.pk for row in old[1:]]).delete()
    known.filter(pk=old[0].pk).update(provider_id=record.id)
    waiting = Change.objects.filter(
        connection=connection,
        service=Service.CONTACTS.value,
        target_id__in=former,
        state__in=(ChangeState.WAITING, ChangeState.REFUSED),
    )
    waiting.update(target_id=record.id)
