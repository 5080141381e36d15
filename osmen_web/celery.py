"""The Celery app, and the signs of life of its worker and beat.

Tasks are thin and live in each room's ``tasks.py``; their arguments are ids, never a record or a token. What is due
is a
matter of rows (``integrations.sync``), so a lost message costs at most one beat tick.
"""

from __future__ import annotations

import gc
import os
import threading
from typing import Any

from celery import Celery, signals
from django.conf import settings
from kombu import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osmen_web.settings")

transport.TRANSPORT_ALIASES["filesystem"] = "osmen_web.broker:Transport"
app = Celery("osmen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery writes its own path for the filesystem transport; the folders must be there before the first message.
for option in ("data_folder_in", "control_folder"):
    folder = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).get(option)
    if folder:
        os.makedirs(folder, mode=0o700, exist_ok=True)

HEARTBEAT_SECONDS = 5


def _beat_heart(name: str) -> None:
    from osmen_web.heartbeat import beat_forever

    threading.Thread(target=beat_forever, args=(name, HEARTBEAT_SECONDS), name="heartbeat", daemon=True).start()


def settle_memory() -> None:
    """What is loaded by now stays: looking through it for garbage again and again costs a sync a tenth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@signals.worker_ready.connect
def _worker_lives(**_: Any) -> None:
    settle_memory()
    _beat_heart("worker")


@signals.beat_init.connect
def _beat_lives(**_: Any) -> None:
    _beat_heart("beat")
