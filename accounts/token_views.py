"""The page of a person's access tokens: make one, which is shown this once, and revoke it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import tokens
from accounts.confirmation import once_more
from accounts.forms import AccessTokenForm
from accounts.models import AccessToken
from accounts.views import signed_in


@never_cache
@login_required
@once_more
def tokens_page(request: HttpRequest) -> HttpResponse:
    """What there is, and a form for one more."""
    user = signed_in(request)
    form = AccessTokenForm(request.POST or None, instance=AccessToken(user=user))
    if request.method == "POST" and form.is_valid():
        made = tokens.create(user, form.cleaned_data["name"])
        return render(request, "accounts/token_made.html", {"text": made, "name": form.cleaned_data["name"]})
    context = {"form": form, "tokens": AccessToken.objects.filter(user=user)}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own."""
    deleted, _ = AccessToken.objects.filter(pk=token_id, user=signed_in(request)).delete()
    if not deleted:
        raise Http404
    messages.success(request, "The token no longer works.")
    return redirect("access_tokens")
