"""OAuth apps that their provider refuses: one state and one alert per app, whoever's token was to be renewed.

While an app is in trouble its provider is asked by one caller every few minutes, not by every connection.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from integrations.errors import MisconfiguredApp
from integrations.models import Grant, OAuthApp

PROBE_EVERY = timedelta(minutes=5)


def check(app: OAuthApp) -> None:
    """Raise ``MisconfiguredApp`` while the app is in trouble, unless it is time to try again: then the caller may."""
    if not app.trouble:
        return
    now = timezone.now()
    due = Q(try_again_at=None) | Q(try_again_at__lte=now)
    mine = OAuthApp.objects.filter(due, pk=app.pk).exclude(trouble="").update(try_again_at=now + PROBE_EVERY)
    if not mine:
        raise MisconfiguredApp(app.trouble, code=app.trouble_code)


def refused(app: OAuthApp, error: MisconfiguredApp) -> None:
    """Note what the provider (or a lost key) says against the app; the first time starts the trouble."""
    if error.code == "key_unavailable" and readable(app):
        return  # its secret was encrypted anew after it was loaded
    now = timezone.now()
    rows = OAuthApp.objects.filter(pk=app.pk)
    said = {"trouble": error.explanation[:300], "trouble_code": error.code[:100], "try_again_at": now + PROBE_EVERY}
    if not rows.filter(trouble="").update(**said, trouble_since=now, told_at=None):
        rows.update(**said)


def readable(app: OAuthApp) -> bool:
    """Whether the secret that is stored now can be read."""
    try:
        OAuthApp.objects.get(pk=app.pk).credentials()
    except MisconfiguredApp:
        return False
    return True


def works(app: OAuthApp) -> None:
    """The provider accepts the app, or it was changed: its connections go on at once."""
    if not app.trouble:
        return
    ended = OAuthApp.objects.filter(pk=app.pk).exclude(trouble="")
    if ended.update(trouble="", trouble_code="", trouble_since=None, try_again_at=None, told_at=None):
        Grant.objects.filter(connection__app=app).update(retry_at=None)
