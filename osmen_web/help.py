"""``/help/``: the documentation as the launcher built it, for everybody, signed in or not.

A view and no static files, so that the pages have the app's Content-Security-Policy. Writing them is ``docs/``'s.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """One file of the built documentation; a sentence where it has not been built."""
    if not (settings.HELP_ROOT / "index.html").is_file():
        return render(request, "help_missing.html", status=404)
    if path.startswith("."):
        raise Http404
    return serve(request, path or "index.html", document_root=str(settings.HELP_ROOT))
