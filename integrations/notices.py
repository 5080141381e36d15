"""Mail that OsMEN sends by itself: to the owner of a connection that ended, to administrators about an OAuth app.

Once per trouble: whoever sends it claims it first on the row, so that a lost task or a second worker changes nothing. A
mail server that cannot be reached is tried again on the next round.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from integrations.models import Connection, OAuthApp
from integrations.models.connection import State

logger = logging.getLogger(__name__)

# Somebody who is about to reconnect need not be told.
GRACE = timedelta(minutes=2)


def send_due() -> int:
    """Send what has not been said yet. Answers how many mails went out."""
    now = timezone.now()
    ended = Connection.objects.filter(state=State.RECONNECT, told_at=None, state_since__lte=now - GRACE)
    sent = sum(_tell_owner(connection) for connection in ended.select_related("user"))
    return sent + sum(_tell_administrators(app) for app in OAuthApp.objects.exclude(trouble="").filter(told_at=None))


def _tell_owner(connection: Connection) -> bool:
    row = Connection.objects.filter(pk=connection.pk)
    if not row.filter(told_at=None, state=State.RECONNECT).update(told_at=timezone.now()):
        return False
    context = {"connection": connection, "provider": connection.provider_spec.name}
    sent = _send("reconnect", context, [connection.user.email])
    if not sent:
        row.update(told_at=None)
    return sent


def _tell_administrators(app: OAuthApp) -> bool:
    row = OAuthApp.objects.filter(pk=app.pk)
    if not row.filter(told_at=None).exclude(trouble="").update(told_at=timezone.now()):
        return False
    people = User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True)
    sent = _send("app_trouble", {"app": app}, list(people))
    if not sent:
        row.update(told_at=None)
    return sent


def _send(name: str, context: dict[str, Any], to: list[str]) -> bool:
    context = {**context, "site": settings.OSMEN_PUBLIC_URL}
    subject, _, body = render_to_string(f"integrations/notices/{name}.txt", context).partition("\n")
    try:
        send_mail(subject.strip(), body.lstrip(), None, to)
    except (SMTPException, OSError) as error:
        logger.warning("The notice %s could not be sent: %s", name, type(error).__name__)
        return False
    return True
