"""How Microsoft tells of changes: Graph subscriptions, their handshake and their lifecycle.

Microsoft Graph, "Receive change notifications through webhooks", "Reduce missing subscriptions and change
notifications", resource type subscription (at most seven days for Outlook).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from integrations.errors import Conflict, NotFound
from integrations.providers.abilities import Knock, Reply
from integrations.providers.microsoft.graph import Graph, path
from integrations.providers.microsoft.times import instant
from integrations.records import ChannelRecord, Lifecycle, Notice

LASTS = timedelta(days=6)
_MEANINGS = {
    "reauthorizationRequired": Lifecycle.ENDING,
    "subscriptionRemoved": Lifecycle.ENDED,
    "missed": Lifecycle.CHANGED,
}
_TOKEN = re.compile(r"[\x20-\x7e]{1,2048}")


def watch(graph: Graph, resource: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
    """Renew a subscription, or make one where there is none any more."""
    until = {"expirationDateTime": f"{datetime.now(UTC) + LASTS:%Y-%m-%dT%H:%M:%SZ}"}
    if channel.provider_id:
        try:
            return _record(channel, graph.patch(path("subscriptions", channel.provider_id), until))
        except NotFound:
            pass
    wanted = {
        "changeType": "created,updated,deleted",
        "notificationUrl": address,
        "lifecycleNotificationUrl": address,
        "resource": resource,
        "clientState": f"{channel.id}.{secret}",
        **until,
    }
    try:
        return _record(channel, graph.post("/subscriptions", wanted))
    except Conflict:
        _close_others(graph, resource)
        return _record(channel, graph.post("/subscriptions", wanted))


def unwatch(graph: Graph, channel: ChannelRecord) -> None:
    """End a subscription. Raises ``NotFound``."""
    graph.delete(path("subscriptions", channel.provider_id))


def hear(knock: Knock) -> Reply:
    """Answer a handshake with its token as plain text, or say what was told."""
    if (token := knock.query.get("validationToken")) is not None:
        return Reply(200, token) if _TOKEN.fullmatch(token) else Reply(400)
    try:
        items = orjson.loads(knock.body)["value"]
        return Reply(202, notices=tuple(_notice(item) for item in items))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return Reply(400)


def _notice(item: dict[str, Any]) -> Notice:
    channel_id, _, secret = str(item.get("clientState") or "").partition(".")
    return Notice(channel_id, secret, meaning=_MEANINGS.get(str(item.get("lifecycleEvent")), Lifecycle.CHANGED))


def _close_others(graph: Graph, resource: str) -> None:
    """One of ours is left from before, whose secret is not known any more."""
    for items in graph.pages("/subscriptions"):
        for item in items:
            if item.get("resource") == resource:
                graph.delete(path("subscriptions", item["id"]))


def _record(channel: ChannelRecord, answer: dict[str, Any]) -> ChannelRecord:
    return ChannelRecord(channel.id, answer["id"], "", instant(answer.get("expirationDateTime")))
