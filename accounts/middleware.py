"""Each request in its user's time zone."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class Preferences:
    """Activates the signed-in user's time zone; templates and view models then speak local time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            with timezone.override(user.zone):
                return self.get_response(request)
        return self.get_response(request)
