"""The forms of signing up, of the settings page and of inviting."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms

from accounts import invitations
from accounts.generics import ModelForm
from accounts.models import AccessToken, User
from accounts.tokens import MOST


class SignupForm(AllauthSignupForm):
    """E-mail and one password; a script fills in the browser's time zone, an invitation whom it is for."""

    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invitation = invitations.of(get_adapter().request)
        if invitation is not None:
            self.fields["email"].initial = invitation.email

    def clean_email(self) -> str:
        """An invitation for one address opens nothing for another."""
        email: str = super().clean_email()
        if not invitations.admits(get_adapter().request, email):
            raise forms.ValidationError("The invitation is for another address.")
        return email

    def clean_time_zone(self) -> str:
        """A zone that nobody knows is not worth a refusal: the default stays."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else ""


def time_zones() -> list[tuple[str, str]]:
    """Every zone with its name as people read it."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]


class ProfileForm(ModelForm):
    """The name, how time is shown, and how pages look."""

    time_zone = forms.ChoiceField(choices=time_zones, label="Time zone")
    hour12 = forms.TypedChoiceField(
        choices=[(False, "24 hours, as in 16:30"), (True, "12 hours, as in 4:30 PM")],
        coerce=lambda value: value == "True",
        label="Clock",
    )

    class Meta:
        model = User
        fields = ("name", "time_zone", "hour12", "week_start", "theme", "density")

    def save(self, commit: bool = True) -> User:
        if "time_zone" in self.changed_data:
            self.instance.time_zone_chosen = True
        user: User = super().save(commit)
        return user


class InvitationForm(forms.Form):
    """Whom an administrator lets in."""

    email = forms.EmailField(required=False, label="For")
    makes_admin = forms.BooleanField(required=False, label="May administer this OsMEN")


class AccessTokenForm(ModelForm):
    """What a new token is for."""

    class Meta:
        model = AccessToken
        fields = ("name",)
        labels = {"name": "What it is for"}

    def clean(self) -> dict[str, Any]:
        if AccessToken.objects.filter(user=self.instance.user).count() >= MOST:
            raise forms.ValidationError(f"There are {MOST} tokens already. Revoke one that you do not need.")
        return super().clean() or {}
