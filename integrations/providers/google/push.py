"""How Google tells of changes: Gmail through Pub/Sub, Calendar by channels.

Gmail API, "Configure push notifications"; Pub/Sub, "Authentication for push subscriptions"; Calendar API, "Push
notifications". Watches of Gmail are one per account and app, so they have no id and tell the account's address.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import jwt
import orjson

from integrations.errors import IntegrationError, PermanentFailure, TemporaryFailure
from integrations.providers.abilities import Knock, Reply
from integrations.providers.base import Session
from integrations.providers.google.api import calendar_api, call, gmail_users
from integrations.providers.keys import signing_key
from integrations.records import ChannelRecord, Lifecycle, Notice

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_WATCHING = "watch"


def watch_mailbox(session: Session, channel: ChannelRecord) -> ChannelRecord:
    """Have a mailbox's changes published to the operator's topic. Watching again renews."""
    topic = session.endpoints.get("pubsub_topic", "")
    if not topic:
        raise PermanentFailure("No Pub/Sub topic is configured for Gmail.", code="topic")
    answer = call(session, gmail_users(session.endpoints["gmail"]).watch(userId="me", body={"topicName": topic}))
    return ChannelRecord(channel.id, _WATCHING, "", _instant(answer["expiration"]))


def unwatch_mailbox(session: Session) -> None:
    call(session, gmail_users(session.endpoints["gmail"]).stop(userId="me"))


def watch_calendar(session: Session, calendar: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
    """A new channel of a calendar's events; channels cannot be renewed, and an id cannot be used again."""
    name = f"{channel.id}-{secret[:12]}"
    wanted = {"id": name, "type": "web_hook", "address": address, "token": f"{channel.id}.{secret}"}
    events = calendar_api(session.endpoints["calendar"]).events()
    answer = call(session, events.watch(calendarId=calendar, body=wanted))  # type: ignore[arg-type]
    return ChannelRecord(channel.id, name, answer["resourceId"], _instant(answer["expiration"]))


def unwatch_calendar(session: Session, channel: ChannelRecord) -> None:
    ended = {"id": channel.provider_id, "resourceId": channel.resource_id}
    call(session, calendar_api(session.endpoints["calendar"]).channels().stop(body=ended))  # type: ignore[arg-type]


def hear(knock: Knock) -> Reply:
    """What Google told, whichever way."""
    return _channel(knock) if "x-goog-channel-id" in knock.headers else _published(knock)


def _channel(knock: Knock) -> Reply:
    """The token is ours: the channel's id and its secret. The first message, ``sync``, only says that it works."""
    channel_id, _, secret = knock.headers.get("x-goog-channel-token", "").partition(".")
    return Reply(notices=(Notice(channel_id, secret),))


def _published(knock: Knock) -> Reply:
    """A push of Pub/Sub, which signs with the operator's service account."""
    try:
        _verify(knock)
    except TemporaryFailure:
        return Reply(503)
    except (IntegrationError, jwt.PyJWTError):
        return Reply(401)
    try:
        found = notice(orjson.loads(knock.body)["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        found = None
    return Reply(notices=(found,)) if found else Reply()  # not ours; refused, it would come again and again


def notice(message: Any) -> Notice | None:
    """What a message of Pub/Sub tells of a mailbox; None for one that is not Gmail's."""
    try:
        data = orjson.loads(base64.b64decode(message["data"]))
        return Notice(email=str(data["emailAddress"]), meaning=Lifecycle.CHANGED)
    except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError):
        return None


def _verify(knock: Knock) -> None:
    scheme, _, token = knock.headers.get("authorization", "").partition(" ")
    account = knock.endpoints.get("pubsub_account", "")
    if scheme.lower() != "bearer" or not account:
        raise PermanentFailure("This push is not signed, or nobody is expected to sign one.", code="unsigned")
    key = signing_key(token, knock.endpoints["jwks"])
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=knock.address,
        issuer=ISSUERS,
        leeway=30,
        options={"require": ["exp", "iat", "aud", "iss", "email"]},
    )
    if claims["email"] != account or claims.get("email_verified") is not True:
        raise PermanentFailure("This push is signed by somebody else.", code="email")


def _instant(milliseconds: object) -> datetime:
    return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
