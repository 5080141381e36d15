"""Two folders of one account stored at the same time: neither forgets the other's message."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from integrations.records import Page
from mail.models import Thread
from tests.mail.conftest import Account, message


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_two_folders_store_at_once_counts_both(transactional_db: None, outlook: Account) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time.")
    outlook.sync(message(9, thread_id="t", folder_ids=frozenset({"f-inbox"})), into="f-inbox")
    start = threading.Barrier(2)

    def store(folder: str, first: int) -> None:
        try:
            start.wait(10)
            for number in range(first, first + 20):
                with transaction.atomic():
                    record = message(number, thread_id="t", folder_ids=frozenset({folder}))
                    outlook.store.apply(outlook.collections[folder], Page("cursor", (record,)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=store, args=args) for args in (("f-inbox", 100), ("f-archive", 200))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Thread.objects.get().message_count == 41
