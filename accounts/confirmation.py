"""Saying once more who one is, before something that matters. How that is asked is allauth's.

What a form carries is never kept meanwhile: it may hold a secret.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

View = Callable[..., HttpResponseBase]


def once_more(view: View) -> View:
    """For those who have just said who they are; others are asked, and come back to an empty form."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _has_nothing_to_say(request):
            path = request.get_full_path()
            logout(request)
            messages.info(request, "What comes next matters, so sign in once more.")
            return _to("account_login", path)
        if not is_reauthentication_required(request, app=""):
            return view(request, *args, **kwargs)
        if request.method == "GET":
            raise ReauthenticationRequired
        messages.error(request, "Nothing was stored. Say once more who you are, and give it again.")
        return _to("account_reauthenticate", request.path)

    return shown


def _has_nothing_to_say(request: HttpRequest) -> bool:
    """Whether this person has neither password nor second factor, and signed in too long ago for this."""
    if not request.user.is_authenticated or get_reauthentication_flows(request.user):
        return False
    signed_in = get_authentication_records(request, request.user)
    return not signed_in or time.time() - signed_in[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT


def _to(name: str, then: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': then})}")
