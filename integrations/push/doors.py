"""The door at which providers knock: answered at once, believed only with proof, and carried out later.

A knock makes collections due and hands them to the workers; twice is as once, and a storm is one sync.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.models import Channel, Collection, Connection, OAuthApp
from integrations.providers.abilities import Knock
from integrations.providers.base import registry
from integrations.records import Lifecycle, Notice, Service
from integrations.sync import schedule

logger = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
def told(request: HttpRequest, provider_id: str) -> HttpResponse:
    """What a provider sends to tell of changes. 404 where nobody is expected to knock."""
    hear = registry[provider_id].hear if provider_id in registry else None
    if hear is None or not settings.OSMEN_PUSH_URL:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    app = OAuthApp.objects.filter(provider=provider_id, active=True).first() or OAuthApp(provider=provider_id)
    reply = hear(
        Knock(
            {name.lower(): value for name, value in request.headers.items()},
            {name: str(value) for name, value in request.GET.items()},
            request.body,
            address(provider_id),
            app.resolved_endpoints(),
        )
    )
    if reply.status == 401:
        logger.warning("Somebody told of changes at %s without the signature that was agreed", provider_id)
    for connection in heard(provider_id, reply.notices):
        schedule.hand_over(connection)
    return HttpResponse(reply.text, status=reply.status, content_type="text/plain; charset=utf-8")


def address(provider_id: str) -> str:
    """Where a provider is to knock."""
    return f"{settings.OSMEN_PUSH_URL.rstrip('/')}/push/{provider_id}/"


def secret_hash(secret: str) -> str:
    """What is kept of a channel's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def heard(provider_id: str, notices: Iterable[Notice]) -> set[Connection]:
    """Make due what the notices are about. Answers the connections."""
    found: set[Connection] = set()
    for notice in notices:
        for channel in _channels(provider_id, notice):
            now = timezone.now()
            kept = {"heard_at": now}
            if notice.meaning is not Lifecycle.CHANGED:
                kept["renew_at"] = now
            # Due first: whoever sees that a knock was heard sees that it was acted on.
            Collection.objects.filter(pk=channel.collection_id).update(due_at=now)
            Channel.objects.filter(pk=channel.pk).update(
                **kept, **({"provider_id": ""} if notice.meaning is Lifecycle.ENDED else {})
            )
            found.add(channel.collection.connection)
    return found


def _channels(provider_id: str, notice: Notice) -> list[Channel]:
    """The channels that a notice proves to be about; none for a forged one."""
    channels = Channel.objects.select_related("collection__connection").filter(
        collection__connection__provider=provider_id
    )
    if notice.email:
        mail = channels.filter(collection__service=Service.MAIL, collection__connection__email__iexact=notice.email)
        return list(mail)
    try:
        channel = channels.filter(pk=UUID(notice.channel_id)).first()
    except ValueError:
        channel = None
    if channel is None or not hmac.compare_digest(channel.secret_hash, secret_hash(notice.secret)):
        logger.warning("Somebody told of changes at %s without knowing a channel's secret", provider_id)
        return []
    return [channel]
