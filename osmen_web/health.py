"""``/healthz``:

whether each part answers, for the launcher, containers and monitors. It shows no data and needs no sign-in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from integrations.errors import TemporaryFailure
from integrations.models import Heartbeat
from integrations.providers import http

MAX_AGE = timedelta(seconds=30)
OK, FAILED, OFF = "ok", "failed", "off"


def _ages() -> dict[str, bool]:
    oldest = timezone.now() - MAX_AGE
    return {row.name: row.beat_at >= oldest for row in Heartbeat.objects.all()}


def _broker() -> bool:
    if settings.REDIS_URL:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        try:
            return bool(client.ping())
        finally:
            client.close()
    return os.access(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]), os.R_OK | os.W_OK)


def _sandbox() -> bool:
    return http.send(http.Request("GET", f"{settings.OSMEN_SANDBOX_URL}/_sandbox/drills", read_timeout=2)).ok


def _said(check: Callable[[], bool]) -> str:
    try:
        return OK if check() else FAILED
    except (OSError, redis.RedisError, DatabaseError, TemporaryFailure):
        return FAILED


def checks() -> dict[str, str]:
    """The state of every part: ``ok``, ``failed`` or ``off``."""
    result: dict[str, str] = {}
    try:
        alive = _ages()
        result["database"] = OK
    except DatabaseError:
        alive = {}
        result["database"] = FAILED
    result["broker"] = _said(_broker)
    for name in ("worker", "beat"):
        result[name] = OK if alive.get(name) else FAILED
    result["sandbox"] = _said(_sandbox) if settings.OSMEN_SANDBOX_URL else OFF
    return result


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part that is on answers, 503 otherwise."""
    result = checks()
    failed = FAILED in result.values()
    return JsonResponse({"status": FAILED if failed else OK, "checks": result}, status=503 if failed else 200)
