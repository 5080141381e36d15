"""What providers keep for us to fetch: made due first and acknowledged then, so that nothing is lost in between.

It needs no public address. Twice is as once, as with those who knock (``doors``).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from integrations import errors
from integrations.models import Channel, OAuthApp
from integrations.providers.abilities import KeepsForUs
from integrations.push import doors
from integrations.sync import schedule

logger = logging.getLogger(__name__)

AGAIN = timedelta(minutes=10)


def pull() -> int:
    """Fetch what waits for every app that has a subscription. Answers how many connections it is about."""
    return sum(_pull(app, keeper) for app, keeper in _kept())


def reachable() -> Q | None:
    """The collections whose changes are kept for us, as a condition; None where nothing is configured."""
    found = None
    for app, keeper in _kept():
        own = Q(connection__app=app, service__in=[service.value for service in keeper.services])
        found = own if found is None else found | own
    return found


def _kept() -> list[tuple[OAuthApp, KeepsForUs]]:
    apps = ((app, app.provider_spec.keeps) for app in OAuthApp.objects.filter(active=True))
    return [(app, keeper) for app, keeper in apps if keeper and keeper.configured(app.resolved_endpoints())]


def _pull(app: OAuthApp, keeper: KeepsForUs) -> int:
    try:
        subscription = app.subscription()
        taken = keeper.take(subscription)
        connections = doors.heard(app.provider, taken.notices)
        for connection in connections:
            schedule.hand_over(connection)
        if taken.receipts:
            keeper.acknowledge(subscription, taken.receipts)
    except errors.IntegrationError as error:
        logger.warning("What %s keeps for us cannot be fetched: %s (%s)", app.provider, error.explanation, error.code)
        if not isinstance(error, errors.TemporaryFailure | errors.RateLimited):
            _close(app, keeper, error)
        return 0
    return len(connections)


def _close(app: OAuthApp, keeper: KeepsForUs, error: errors.IntegrationError) -> None:
    """Nobody hears these channels: their collections are asked about as often as any, and a person sees why."""
    deaf = Channel.objects.filter(collection__connection__app=app, collection__service__in=keeper.services)
    deaf.update(provider_id="", renew_at=timezone.now() + AGAIN, last_error=error.explanation[:300])
