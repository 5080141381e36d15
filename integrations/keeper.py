"""Keeps the leases of this process alive while it is at work, however long one answer of a provider takes.

So leases can be short: one whose holder was killed is free again within ``LEASE``. Claiming and giving back is left to
whoever holds the lease.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
EVERY_SECONDS = 5.0

_held: dict[object, Callable[[], object]] = {}
_lock = threading.Lock()
_thread: threading.Thread | None = None


@contextmanager
def kept(renew: Callable[[], object]) -> Iterator[None]:
    """Call ``renew`` every few seconds, from another thread, until the block ends."""
    held = object()
    with _lock:
        _held[held] = renew
        _start()
    try:
        yield
    finally:
        with _lock:
            _held.pop(held, None)


def _start() -> None:
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_keep, name="leases", daemon=True)
        _thread.start()


def _keep() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        with _lock:
            renewals = list(_held.values())
        try:
            for renew in renewals:
                renew()
        except DatabaseError as error:
            logger.warning("Leases were not renewed: %s", error)
        finally:
            connections.close_all()
