"""Two that change the same collections at once wait for one another; neither is called off for it."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection as database
from django.db import connections, transaction
from django.utils import timezone

from integrations.models import Collection
from integrations.sync import schedule
from tests.journey.person import Person

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.django_db(transaction=True)
def test_a_reconnect_and_a_sync_of_the_same_account_never_deadlock(ada: Person) -> None:
    """PostgreSQL hands out rows in the order in which they were last written, so this writes the first one last."""
    if database.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time.")
    account = ada.connected("microsoft", "ada@nordlys.example")
    first, *_, last = Collection.objects.filter(connection=account).order_by("pk")
    failures: list[Exception] = []

    def reconnects() -> None:
        try:
            schedule.start_soon(account)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        Collection.objects.filter(pk=first.pk).update(due_at=timezone.now())
        thread = threading.Thread(target=reconnects)
        thread.start()
        with connections["default"].cursor() as cursor:
            until = time.monotonic() + 20
            while not failures and time.monotonic() < until and not cursor.execute(WAITS).fetchone()[0]:
                time.sleep(0.02)
        Collection.objects.filter(pk=last.pk).update(due_at=timezone.now())
    thread.join(20)
    assert not failures and not thread.is_alive()
