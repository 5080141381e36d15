"""Cursors that expire while a walk has hardly begun: the walk comes again soon, and later and later."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations.errors import CursorExpired
from integrations.models import Collection
from integrations.sync import leases, outcome
from tests.journey import engine
from tests.journey.person import Person


def test_a_walk_whose_first_cursor_expires_is_tried_again_within_seconds(ada: Person) -> None:
    connection = ada.connected("microsoft", "ada@nordlys.example")
    row = connection.collections.filter(service="calendar").exclude(provider_id="")[0]
    for seconds in (5, 10):
        Collection.objects.filter(pk=row.pk).update(due_at=timezone.now())
        claimed = leases.claim(row.pk)
        assert claimed is not None
        with outcome.recorded(claimed):
            raise CursorExpired("Microsoft no longer knows the stored position.", code="syncStateNotFound")
        row.refresh_from_db()
        assert timedelta(seconds=seconds - 1) < row.due_at - timezone.now() < timedelta(seconds=1.25 * seconds)
    Collection.objects.filter(pk=row.pk).update(due_at=timezone.now())
    engine.run_due()
    row.refresh_from_db()
    assert not row.last_error and row.attempts == 0
