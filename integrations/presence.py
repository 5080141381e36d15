"""Notes that somebody is here, so that their accounts are asked for news sooner.

A page costs no query for it: the note goes to the workers, at most once in some minutes for each person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from kombu.exceptions import OperationalError

from integrations.models import Collection, Connection
from integrations.models.collection import Phase
from integrations.sync import pace, schedule

logger = logging.getLogger(__name__)

EVERY_SECONDS = 240.0
# Who was away for longer sees what came meanwhile without waiting for the next round.
AWAY = pace.PACES[0][0]
MOST_KNOWN = 10_000


class Presence:
    """After each page that a signed-in person asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._noted: dict[UUID, float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = request.user
        if user.is_authenticated and response.status_code == 200:
            self._note(user.pk)
        return response

    def _note(self, user_id: UUID) -> None:
        from integrations.tasks import seen

        now = time.monotonic()
        if now - self._noted.get(user_id, float("-inf")) < EVERY_SECONDS:
            return
        if len(self._noted) > MOST_KNOWN:
            self._noted.clear()
        self._noted[user_id] = now
        try:
            seen.apply_async((str(user_id),), expires=EVERY_SECONDS)
        except (OperationalError, OSError):
            logger.warning("The workers could not be told that somebody is here")


def seen(user_id: str) -> int:
    """A person is here. What has rested is due when they were away. Answers how many collections that is."""
    now = timezone.now()
    mine = Connection.objects.filter(user_id=user_id)
    back = [c for c in mine if c.active_at is None or c.active_at < now - AWAY]
    mine.update(active_at=now)
    resting = Collection.objects.filter(
        connection__in=back, enabled=True, phase=Phase.CURRENT, last_error="", due_at__gt=now
    ).exclude(provider_id="")
    due = resting.update(due_at=now)
    for connection in back:
        schedule.hand_over(connection)
    return due
