"""``/api/status/``: connections, services, states, freshness and local counts, for scripts and checks.

Signed in by session only what is the caller's own. What it says is ``integrations.status``.
"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from integrations.status import status_of


@never_cache
@require_GET
def status(request: HttpRequest) -> JsonResponse:
    """The caller's connections. 401 for nobody."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "Sign in first."}, status=401)
    return JsonResponse(status_of(request.user.pk))
