"""Ending a grant at its provider, and forgetting its tokens. Repeatable at any point.

Whether a connection goes with it is left to the callers.
"""

from __future__ import annotations

import logging
import time

from django.db import transaction

from integrations.errors import IntegrationError
from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.vault import grants, ledger, lifecycle
from integrations.vault.fields import open_sealed
from integrations.vault.keyset import KeyringError

logger = logging.getLogger(__name__)

ATTEMPTS = 3


def at_provider(connection: Connection, grant: Grant) -> None:
    """Ask the provider to end the grant; a provider that cannot is said so on the page that linked here."""
    spec = connection.provider_spec
    if not spec.revokes:
        return
    for attempt in range(ATTEMPTS):
        try:
            token = open_sealed(grant, "refresh_token")
            if token and spec.oauth.revoke(connection.app.credentials(), token):
                ledger.record(connection, Happening.REVOKED, fingerprint=grant.refresh_fingerprint)
            return
        except (IntegrationError, KeyringError) as error:
            logger.info("Revoking the grant of %s failed: %s", connection.pk, error)
            time.sleep(attempt)
    ledger.record(
        connection,
        Happening.NOT_REVOKED,
        detail=f"{spec.name} could not be reached to revoke access. Remove OsMEN at {spec.grants_page}",
    )


def carry_out(connection_id: str) -> None:
    """Do what an administrator ordered. Does nothing once the owner has reconnected: that would end the new grant."""
    with transaction.atomic():
        rows = Connection.objects.select_for_update(of=("self",)).select_related("app").filter(pk=connection_id)
        connection = rows.filter(state=State.RECONNECT, state_code=lifecycle.WITHDRAWN).first()
        grant = Grant.objects.filter(connection=connection).first() if connection else None
        if connection is None or grant is None or grant.refresh_token is None:
            return
    at_provider(connection, grant)
    grants.forget(grant)


def unfinished() -> list[str]:
    """Connections whose grant was ordered to end and is still here, for the sweeper."""
    waiting = Grant.objects.filter(
        connection__state=State.RECONNECT,
        connection__state_code=lifecycle.WITHDRAWN,
        refresh_token__isnull=False,
    )
    return [str(pk) for pk in waiting.values_list("pk", flat=True)]
