"""Disconnecting: take leave at the provider, delete the tokens, then the data, then the connection.

Repeatable at any point. What a page says before and meanwhile is in ``advice``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from integrations import signals
from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.records import Service
from integrations.sync.stores import registered, store_for
from integrations.vault import grants, ledger, lifecycle, revocation, tokens, usage

logger = logging.getLogger(__name__)

BATCH = 500
STALE = timedelta(minutes=2)


@transaction.atomic
def request_disconnect(connection: Connection) -> bool:
    """Stop everything at once; the removal runs in the background after the commit. False when it is going already."""
    from integrations.tasks import disconnect

    if not lifecycle.begin_disconnect(connection):
        return False
    Connection.objects.filter(pk=connection.pk).update(removal_total=_held(connection), removal_done=0)
    transaction.on_commit(lambda: disconnect.delay(str(connection.pk)))
    return True


def remove(connection_id: str, tell: Callable[[int, int], None] | None = None) -> None:
    """Carry out a requested disconnect, alone or beside another process that does the same.

    Does nothing for a connection that is not being removed. ``tell`` hears how many items of how many are gone.
    """
    try:
        _remove(connection_id, tell)
    except IntegrityError:
        if Connection.objects.filter(pk=connection_id).exists():
            raise
        logger.info("%s was removed by another process meanwhile", connection_id)


def _remove(connection_id: str, tell: Callable[[int, int], None] | None) -> None:
    connection = Connection.objects.select_related("app").filter(pk=connection_id, state=State.DISCONNECTING).first()
    if connection is None:
        return
    grant = Grant.objects.filter(connection=connection).first()
    if grant is not None:
        _take_leave(connection)
        revocation.at_provider(connection, grant)
        grants.destroy(connection)
    mine = Connection.objects.filter(pk=connection.pk)
    for service in Service:
        if service in registered():
            while store_for(service).purge(connection, BATCH):
                mine.update(removal_done=F("removal_done") + BATCH, state_since=timezone.now())
                if tell and (counted := mine.values_list("removal_done", "removal_total").first()):
                    tell(min(counted), counted[1])
    with transaction.atomic():
        if not mine.select_for_update().exists():
            return
        connection.collections.all().hold()
        _forget_sign_in(connection)
        connection.delete()


def _held(connection: Connection) -> int:
    """How many items of a connection are here."""
    counts = [store_for(service).counts_of_user(connection.user_id) for service in registered()]
    return sum(number for count in counts for (owner, _), number in count.items() if owner == connection.pk)


def _take_leave(connection: Connection) -> None:
    """Let those who set something up at the provider (push channels) take it down while the tokens still work."""
    session = tokens.session(connection, tokens.Purpose.LEAVE)
    for listener, answer in signals.leaving.send_robust(sender=Connection, connection=connection, session=session):
        if isinstance(answer, Exception):
            logger.info("Taking leave of %s: %r: %s", connection.pk, listener, type(answer).__name__)


def _forget_sign_in(connection: Connection) -> None:
    """Remove the sign-in by this account too, unless it is its owner's only way in."""
    links = SocialAccount.objects.filter(user_id=connection.user_id)
    mine = links.filter(provider=connection.provider, uid=connection.subject)
    if connection.user.has_usable_password() or links.exclude(pk__in=mine).exists():
        mine.delete()


@receiver(pre_delete, sender=Connection)
def _seal_counts(instance: Connection, **_: Any) -> None:
    """However a connection goes, also with its user: what was counted for it belongs to its story."""
    usage.seal_hours(instance)


@receiver(post_delete, sender=Connection)
def _leave_tombstone(instance: Connection, **_: Any) -> None:
    """The last row of its chain, whose head stays."""
    ledger.append([ledger.Draft.about(instance, Happening.DISCONNECTED)], closing=True)


def unfinished() -> list[str]:
    """Removals that were asked for a while ago and are not getting on, for the sweeper."""
    since = timezone.now() - STALE
    stuck = Connection.objects.filter(state=State.DISCONNECTING, state_since__lt=since)
    return [str(pk) for pk in stuck.values_list("pk", flat=True)]
