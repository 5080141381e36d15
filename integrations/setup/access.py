"""Who may change the OAuth apps, and how sure we must be that it is they."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from accounts.confirmation import View, once_more

__all__ = ["administrators", "at_times", "once_more"]

PERMISSION = "integrations.change_oauthapp"


def administrators(view: View) -> View:
    """For those who may change OAuth apps; 403 for everybody else. Nothing of it is kept by a cache."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(login_required(shown))


def at_times(view: View) -> View:
    """As often as a person would, and no more: 429 beyond that."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = consume_or_429(request, action="setup", user=request.user)
        return refused or view(request, *args, **kwargs)

    return shown
