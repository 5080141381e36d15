"""Housekeeping of what belongs to no room: sessions, the database cache, old settled edits."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from integrations.models import Change
from integrations.models.change import ChangeState

KEEP_SETTLED = timedelta(days=7)


@shared_task(name="osmen_web.tidy")
def tidy() -> None:
    """Remove expired sessions and edits that were confirmed a while ago."""
    call_command("clearsessions")
    Change.objects.filter(state=ChangeState.DONE, finished_at__lt=timezone.now() - KEEP_SETTLED).delete()
