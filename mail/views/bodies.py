"""An HTML body as a document of its own, whose policy runs nothing and loads nothing that was not asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Theme
from mail.models import Attachment
from mail.queries.attachments import embedded, own_body
from mail.reading import html
from mail.views.state import user_of

_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:{remote}; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


@login_required
@require_safe
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    """With ``images=1`` remote images are loaded, over https; trackers never."""
    user = user_of(request)
    remote = request.GET.get("images") == "1"
    here = {
        content_id: reverse("mail-attachment-content", args=[a.pk])
        for content_id, a in embedded(user, message_id).items()
        if a.state == Attachment.State.HERE
    }
    readable = html.render(own_body(user, message_id).html, parts=here, remote=remote)
    scheme = (
        "light" if readable.designed else {Theme.LIGHT: "light", Theme.DARK: "dark"}.get(Theme(user.theme), "system")
    )
    response = render(request, "mail/body.html", {"readable": readable, "scheme": scheme})
    response["Content-Security-Policy"] = _POLICY.format(remote=" https:" if remote else "")
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
