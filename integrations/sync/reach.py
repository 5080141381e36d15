"""How far back the mail of a connection is kept: a person's choice, which may be made again at any time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.models import Connection
from integrations.models.collection import Phase
from integrations.models.connection import Reach
from integrations.records import Service

_DAYS = {Reach.MONTHS: 92, Reach.YEAR: 366, Reach.YEARS: 3 * 366}


def choose(connection: Connection, reach: Reach) -> bool:
    """Keep mail that far back. What is here already is read again: more comes, or what is too old goes at the end.

    The choice is made from a day on that stays, so that nothing grows too old by itself. True when it is another one.
    """
    if connection.mail_reach == reach:
        return False
    connection.mail_reach, connection.mail_since = reach, _since(reach)
    with transaction.atomic():
        connection.save(update_fields=["mail_reach", "mail_since"])
        mail = connection.collections.filter(service=Service.MAIL.value).exclude(provider_id="")
        mail.filter(phase=Phase.CURRENT).update(phase=Phase.RECOVERING)
        # Whoever is reading one of them now loses its lease, and so saves no page of the walk before.
        mail.update(
            cursor="",
            generation=F("generation") + 1,
            walked=0,
            total=None,
            walk_began_at=None,
            lease=None,
            lease_until=None,
            due_at=timezone.now(),
        )
    return True


def _since(reach: Reach) -> datetime | None:
    days = _DAYS.get(reach)
    if days is None:
        return None
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
