"""Heartbeats of worker and beat: written from a thread of theirs, read by ``health``."""

from __future__ import annotations

import logging
import time

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from integrations.models import Heartbeat

logger = logging.getLogger(__name__)


def beat(name: str) -> None:
    """Write one sign of life."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def beat_forever(name: str, seconds: float) -> None:
    """Write a sign of life every ``seconds``; a database that is away for a moment only delays it."""
    while True:
        try:
            close_old_connections()
            beat(name)
        except DatabaseError as error:
            logger.warning("Heartbeat of %s not written: %s", name, error)
        time.sleep(seconds)
