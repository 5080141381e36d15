"""Photos of people: asking for one, looking whether it is here, and the picture itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from contacts import photos, pictures, words
from contacts.files import files, name_of
from contacts.queries.card import books_of, own_contact
from contacts.queries.portraits import portrait
from contacts.views.page import user_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def avatar(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What stands in a person's circle now; a POST asks for the photo, in one address book after the other."""
    user = user_of(request)
    contact = own_contact(user, contact_id)
    books = books_of(user, contact)
    if request.method == "POST" and (meant := portrait(books)):
        photos.want(next(book for book in books if book.pk == meant.id))
    context = {"initials": words.initials(contact.name), "photo": portrait(books)}
    return render(request, "contacts/avatar.html", context)


@login_required
@require_safe
def photo(request: HttpRequest, contact_id: int, digest: str) -> HttpResponse | FileResponse:
    """A photo that was fetched; the address says what it holds, so it may be kept by the browser."""
    contact = own_contact(user_of(request), contact_id)
    if not digest or contact.photo_digest != digest:
        raise Http404
    file = files.read(contact.connection_id, name_of(contact))
    if file is None:
        photos.lost(contact)
        raise Http404
    kind = pictures.kind(file.read(pictures.HEAD))
    file.seek(0)
    response = FileResponse(file, content_type=kind or "application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
