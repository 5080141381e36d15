"""Pages about the person: settings, invitations, the browser's time zone. Signing in itself is allauth's."""

from __future__ import annotations

from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import invitations
from accounts.forms import InvitationForm, ProfileForm
from accounts.models import AccessToken, Invitation, User


def signed_in(request: HttpRequest) -> User:
    """The user behind a request that ``login_required`` let through."""
    assert isinstance(request.user, User)
    return request.user


def administrator(request: HttpRequest) -> User:
    """The same, for what only administrators may do."""
    user = signed_in(request)
    if not user.is_superuser:
        raise PermissionDenied
    return user


@never_cache
@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    """Profile, time, look, and where and how this person signs in."""
    # The page's frame shows the saved user, not what a refused form carried.
    user = User.objects.get(pk=signed_in(request).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings")
    context = {
        "form": form,
        "second_factor": Authenticator.objects.filter(user=user).exclude(type="recovery_codes").exists(),
        "sign_ins": [a.extra_data.get("email", a.uid) for a in SocialAccount.objects.filter(user=user)],
        "access_tokens": AccessToken.objects.filter(user=user).count(),
        "has_password": user.has_usable_password(),
        "invitations": invitations.open_ones() if user.is_superuser else (),
        "invitation_form": InvitationForm(),
        "sign_up_is": settings.OSMEN_SIGNUP,
    }
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def browser_time_zone(request: HttpRequest) -> HttpResponse:
    """Take the browser's time zone, unless the person chose one."""
    zone = request.POST.get("time_zone", "")
    user = signed_in(request)
    if not user.time_zone_chosen and zone in available_timezones() and zone != user.time_zone:
        user.time_zone = zone
        user.save(update_fields=("time_zone",))
    return HttpResponse(status=204)


@never_cache
@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation and show its link, this once: only a hash of it is kept."""
    user = administrator(request)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        messages.error(request, "An invitation needs a whole e-mail address, or none.")
        return redirect(f"{reverse('settings')}#invitations")
    email: str = form.cleaned_data["email"].lower()
    code = invitations.create(email=email, makes_admin=form.cleaned_data["makes_admin"], created_by=user)
    link = settings.OSMEN_PUBLIC_URL + reverse("invitation", args=[code])
    until = timezone.now() + invitations.LIFE
    return render(request, "accounts/invitation_made.html", {"link": link, "email": email, "until": until})


@login_required
@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take back an invitation that nobody has used."""
    administrator(request)
    deleted, _ = Invitation.objects.filter(pk=invitation_id, used_at=None).delete()
    if not deleted:
        raise Http404
    messages.success(request, "The invitation no longer works.")
    return redirect(f"{reverse('settings')}#invitations")


def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """A one-time link: to the sign-up form while it is valid, to a plain explanation otherwise."""
    if invitations.accept(request, code):
        return redirect("account_signup")
    return render(request, "accounts/invitation_invalid.html", status=410)
