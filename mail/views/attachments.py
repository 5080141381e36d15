"""Attachments: asking for one, looking whether it is here, and its content, which is never run in our name."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mail import fetching
from mail.files import files
from mail.models import Attachment
from mail.queries.attachments import item, own_attachment, own_body
from mail.views.state import user_of

# Shown in their message; everything else is only ever saved.
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """The attachment's chip as it is now; a POST asks for its content."""
    found = own_attachment(user_of(request), attachment_id)
    if request.method == "POST":
        fetching.want(Attachment.objects.filter(pk=found.pk))
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(f"/inbox/{found.message.thread_id}/#m{found.message_id}")
        found.refresh_from_db(fields=["state", "explanation"])
    return render(request, "mail/attachment.html", {"item": item(found)})


@login_required
@require_safe
def content(request: HttpRequest, attachment_id: int) -> HttpResponse | FileResponse:
    """A fetched attachment, to be saved; a picture may be shown by the message that embeds it."""
    found = own_attachment(user_of(request), attachment_id)
    file = files.read(found.message.connection_id, str(found.pk)) if found.state == Attachment.State.HERE else None
    if file is None:
        raise Http404
    picture = found.content_type in _PICTURES
    response = FileResponse(
        file,
        as_attachment=not (picture and found.inline),
        filename=found.filename or "attachment",
        content_type=found.content_type if picture else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_POST
def want_embedded(request: HttpRequest, message_id: int) -> HttpResponse:
    """Ask for the pictures that a message embeds. 204: they are on their way; 205: nothing to wait for."""
    own_body(user_of(request), message_id)
    pictures = Attachment.objects.filter(message=message_id, inline=True, content_type__in=_PICTURES).exclude(
        content_id=""
    )
    fetching.want(pictures.exclude(state=Attachment.State.FAILED))
    waiting = pictures.filter(state=Attachment.State.WANTED).exists()
    return HttpResponse(status=204 if waiting else 205)
