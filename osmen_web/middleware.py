"""What holds for every answer: one host name, and forms that may lead to a provider only from pages that offer it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

NUMERIC = {"127.0.0.1", "[::1]"}
UNMOVED = ("/healthz", "/static/")


class OneAddress:
    """On a loopback OsMEN, sends a reader of the numeric address to the named one, with path and query kept.

    Cookies, redirect addresses and passkeys belong to a host name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.name = urlsplit(settings.OSMEN_PUBLIC_URL).hostname

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _, port = request.get_host().rpartition(":")
        if (
            self.name == "localhost"
            and host in NUMERIC
            and request.method == "GET"
            and not request.path.startswith(UNMOVED)
        ):
            return HttpResponseRedirect(f"{request.scheme}://localhost:{port}{request.get_full_path()}")
        return self.get_response(request)


class FormOrigins:
    """Lets the forms of a page lead to the sign-in pages whose buttons it shows, and to nowhere else.

    Browsers hold the redirect that answers a form to the page's ``form-action``. Stands inside of the CSP middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        origins = getattr(request, "form_origins", None)
        if origins:
            response._csp_update = {"form-action": sorted(origins)}  # type: ignore[attr-defined]
        return response
