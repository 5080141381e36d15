"""People who got another id: those made here, once the provider knows them, and those whom the provider merged."""

from __future__ import annotations

from contacts.models import Contact
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.records import ContactRecord, Service


def adopt(connection: Connection, record: ContactRecord) -> None:
    """Give the row under one of the record's former ids its present id, and the edits that wait for it as well.

    The older row stays, since pages that are open show it; what came under the new id meanwhile gives way.
    """
    if not record.former_ids:
        return
    known = Contact.objects.filter(connection=connection)
    old = list(known.filter(provider_id__in=record.former_ids).order_by("pk"))
    if not old:
        return
    known.filter(provider_id=record.id).delete()
    known.filter(pk__in=[row.pk for row in old[1:]]).delete()
    known.filter(pk=old[0].pk).update(provider_id=record.id)
    waiting = Change.objects.filter(
        connection=connection,
        service=Service.CONTACTS.value,
        target_id__in=record.former_ids,
        state__in=(ChangeState.WAITING, ChangeState.REFUSED),
    )
    waiting.update(target_id=record.id)
