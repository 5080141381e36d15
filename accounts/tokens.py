"""Access tokens: what a person's own scripts show instead of a sign-in, to read what is the person's.

Made on the settings' page and shown once; a hash is kept, which is all that is needed of a random value. What a view
lets them read is the view's.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import AccessToken, User

View = Callable[..., HttpResponseBase]
PREFIX = "osmen_"  # so that people, and scanners of what was published by mistake, know it when they see it
MOST = 20
# When it was last used is kept to the minute: a write for each request would cost more than the answer.
USE_NOTED_EVERY = timedelta(minutes=1)


def create(user: User, name: str) -> str:
    """A new token's text, to be shown once."""
    text = PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(user=user, name=name, text_hash=_hash(text))
    return text


def owner(text: str) -> User | None:
    """Whose token this is, noting that it was used; None for one that is revoked or unknown, or whose owner may not
    sign in.
    """
    token = AccessToken.objects.select_related("user").filter(text_hash=_hash(text), user__is_active=True).first()
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user


def taken(view: View) -> View:
    """For who is signed in, and for who sends ``Authorization: Bearer`` and a token: the token counts where both do.

    Everybody else gets 401, and who asks too often 429, as JSON.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return view(request, *args, **kwargs) if request.user.is_authenticated else _refused("Sign in first.")
        # Whoever guesses is counted by address, and whoever has a token by person.
        if not _allowed(request, "access_token", dry_run=True):
            return _too_many()
        user = owner(text.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            _allowed(request, "access_token")
            return _refused("This access token is not valid.")
        if not _allowed(request, "api", user=user):
            return _too_many()
        request.user = user
        return view(request, *args, **kwargs)

    return never_cache(shown)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _allowed(request: HttpRequest, action: str, **whom: Any) -> bool:
    """Whether this is within ``ACCOUNT_RATE_LIMITS``; allauth's public function lets every GET pass."""
    return ratelimit.consume(request, app="allauth.account", action=action, limit_get=True, **whom) is not None


def _refused(why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=401, headers={"WWW-Authenticate": 'Bearer realm="OsMEN"'})


def _too_many() -> JsonResponse:
    return JsonResponse(
        {"error": "Too many requests; try again in a minute."}, status=429, headers={"Retry-After": "60"}
    )
