"""``/api/status/``: connections, services, states, freshness and local counts, for scripts and checks.

For who is signed in or sends an access token: what is their own. What it says is ``integrations.status``.
"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from accounts import tokens
from integrations.status import status_of


@require_GET
@tokens.taken
def status(request: HttpRequest) -> JsonResponse:
    """The caller's connections. 401 for nobody, 429 for too many requests."""
    assert request.user.is_authenticated
    return JsonResponse(status_of(request.user.pk))
