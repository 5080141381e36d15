"""What a service of a connection has now: its folders or calendars, and the collections that follow from them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Collection
from integrations.records import Service
from integrations.sync import leases, outcome, sessions
from integrations.sync.stores import store_for
from integrations.vault import tokens


def discover(the_list: Collection) -> None:
    """Ask the provider for its containers and make our rows be those; new collections are due at once."""
    connection, service = the_list.connection, Service(the_list.service)
    session = sessions.session(connection, tokens.Purpose.SYNC, service)
    found = connection.provider_spec.client(service, session).discover()
    with transaction.atomic():
        leases.renew(the_list)
        store_for(service).containers(connection, found.containers)
        ours = connection.collections.filter(service=service).exclude(provider_id="")
        ours.hold()
        ours.exclude(provider_id__in=[record.id for record in found.collections]).delete()
        Collection.objects.bulk_create(
            [
                Collection(
                    connection=connection,
                    service=service,
                    provider_id=record.id,
                    name=record.name[:255],
                    priority=record.priority,
                    due_at=timezone.now(),
                )
                for record in found.collections
            ],
            update_conflicts=True,
            unique_fields=["connection", "service", "provider_id"],
            update_fields=["name", "priority"],
        )
    outcome.succeeded(the_list)
