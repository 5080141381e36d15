"""What pages say ahead of time: grants that will end, what a disconnect takes along and how far it is, apps in trouble.

Values only; the words are the pages'. Reads alone, nothing here touches the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.models import User
from integrations.models import Connection, Grant, OAuthApp
from integrations.models.connection import State

# Google ends the grants of an app that is not published after a week (OAuth 2.0, "Refresh token expiration").
TESTING_LIFE = timedelta(days=7, hours=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """A grant that its provider will end. ``testing``: because the operator's app is not published, which can be mended
    for good at ``console_url``; otherwise the person granted access for a limited time."""

    at: datetime
    testing: bool
    console_url: str

    @property
    def left(self) -> timedelta:
        """Not negative."""
        return max(self.at - timezone.now(), timedelta(0))


@dataclass(frozen=True, slots=True)
class Leaving:
    """What to say before a connection is removed.

    ``revokes``: its provider is asked to end the grant; otherwise the person ends it at ``grants_page``.
    ``ends_sign_in``: the account is a way to sign in here and goes with the connection; ``keeps_sign_in``: it is the
    only one and stays.
    ``others`` are further connections by the same OAuth app to the same account, whose grants end with this one; none
    where the provider is not asked to end it.
    """

    revokes: bool
    grants_page: str
    ends_sign_in: bool
    keeps_sign_in: bool
    others: tuple[Connection, ...]


def ending(connection: Connection) -> Ending | None:
    """When and why the provider will end this grant, or ended it; None for one that lasts."""
    grant: Grant | None = getattr(connection, "grant", None)
    if grant is None or grant.refresh_expires_at is None or connection.state == State.DISCONNECTING:
        return None
    found = Ending(
        grant.refresh_expires_at,
        grant.refresh_expires_at - grant.issued_at <= TESTING_LIFE,
        connection.provider_spec.console_url,
    )
    # What was ended by somebody before its time is another story.
    return None if connection.state == State.RECONNECT and found.left else found


def leaving(connection: Connection) -> Leaving:
    """What removing a connection takes along, besides its data."""
    spec = connection.provider_spec
    links = SocialAccount.objects.filter(user_id=connection.user_id)
    mine = links.filter(provider=connection.provider, uid=connection.subject)
    signs_in = mine.exists()
    other_way = connection.user.has_usable_password() or links.exclude(pk__in=mine).exists()
    same = Connection.objects.filter(
        provider=connection.provider, email__iexact=connection.email, app__client_id=connection.app.client_id
    ).exclude(pk=connection.pk)
    others = tuple(same.order_by("pk")) if spec.revokes else ()
    return Leaving(spec.revokes, spec.grants_page, signs_in and other_way, signs_in and not other_way, others)


def removal_progress(connection: Connection) -> float:
    """How far the removal of a connection is, from 0 to 1; the rest is the provider's answer and the last commit."""
    if not connection.removal_total:
        return 0.0
    return min(connection.removal_done / connection.removal_total, 0.99)


def troubled_apps(user: User) -> list[OAuthApp]:
    """The OAuth apps that their providers refuse, for those who can mend them; nothing for anybody else."""
    if not (user.is_staff and user.has_perm("integrations.change_oauthapp")):
        return []
    return list(OAuthApp.objects.exclude(trouble="").order_by("provider"))
