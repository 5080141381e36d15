"""What happens when a provider has said yes: the checks that must come first, then grant and connection in one
transaction.

Nothing is stored when a check fails. The person gets a plain sentence. Sign-in without a connection stores no token
at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.socialaccount.models import SocialLogin
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from integrations.connect.request import ConnectRequest
from integrations.models import Connection, OAuthApp
from integrations.models.connection import COLOURS, Reach, State
from integrations.models.ledger import Happening
from integrations.providers.base import Provider
from integrations.push import channels
from integrations.records import Identity, TokenSet
from integrations.sync import reach
from integrations.sync.schedule import start_soon
from integrations.vault import grants, ledger


class Refused(Exception):
    """The connection is not made; the text says why, to the person."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Everything that the callback knows, in memory only."""

    spec: Provider
    app: OAuthApp
    wish: ConnectRequest
    identity: Identity
    tokens: TokenSet


def check(user: User, capture: Capture) -> Connection | None:
    """The connection that this grant replaces, or None for a new one. Raises ``Refused``."""
    name, identity, pinned = capture.spec.name, capture.identity, capture.wish.reconnect
    # Under lock: a disconnect or the end of the old grant comes before or after this, not in between.
    same = Connection.objects.select_for_update().filter(provider=capture.spec.id, subject=identity.subject)
    existing = same.first()
    if existing is not None and existing.user_id != user.pk:
        raise Refused(f"{identity.email} is already connected by another person here. Nothing was changed.")
    if pinned is not None and pinned.subject != identity.subject:
        raise Refused(
            f"You chose {identity.email}, but {pinned.email} is the account to reconnect. "
            f"Nothing was changed. Try again and choose {pinned.email}."
        )
    if existing is not None and existing.state == State.DISCONNECTING:
        raise Refused(f"{identity.email} is still being removed. Try again in a minute.")
    if not capture.tokens.refresh_token:
        raise Refused(
            f"{name} did not give lasting access to {identity.email}. "
            f"Remove OsMEN in your {name} account's settings and connect again."
        )
    return existing


@transaction.atomic
def keep(request: HttpRequest, user: User, login: SocialLogin, capture: Capture) -> Connection:
    """Store what a browser came back with, the account being a way to sign in from now on. As ``keep_grant``."""
    connection = keep_grant(user, capture)
    if login.account.pk is None:
        login.connect(request, user)
    return connection


@transaction.atomic
def keep_grant(user: User, capture: Capture) -> Connection:
    """Store the grant and start the first sync on commit. Raises ``Refused`` with nothing stored."""
    connection = check(user, capture)
    again = connection is not None
    if connection is None:
        connection = Connection(
            user=user,
            provider=capture.spec.id,
            subject=capture.identity.subject,
            colour=next_colour(user.pk),
        )
    services = capture.wish.services | frozenset(connection.chosen_services)
    connection.app = capture.app
    connection.email = capture.identity.email
    connection.name = capture.identity.name
    connection.chosen_services = sorted(services)
    connection.granted_scopes = sorted(capture.tokens.scopes)
    connection.state, connection.state_reason, connection.state_code = State.ACTIVE, "", ""
    connection.state_since = timezone.now()
    connection.wait_until = connection.told_at = None
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError:
        raise Refused(f"{connection.email} was connected in another window a moment ago.") from None
    if capture.wish.reach and not again:
        reach.choose(connection, Reach(capture.wish.reach))
    grants.replace(connection, capture.tokens)
    ledger.record(
        connection,
        Happening.RECONNECTED if again else Happening.CONNECTED,
        fingerprint=grants.fingerprint(capture.tokens.refresh_token),
    )
    start_soon(connection)
    channels.renew_soon(connection)
    return connection


def next_colour(user_id: UUID) -> str:
    """The first account colour that this user's connections do not use yet."""
    used = set(Connection.objects.filter(user_id=user_id).values_list("colour", flat=True))
    return next((colour for colour in COLOURS if colour not in used), COLOURS[len(used) % len(COLOURS)])
