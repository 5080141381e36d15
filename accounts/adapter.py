"""allauth's account adapter: who may sign up, what the first person becomes, and how a user is made."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts import invitations
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open, by invitation or closed; an invitation opens it for its holder in every case."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.OSMEN_SIGNUP == "open" or invitations.of(request) is not None

    def new_user(self, request: HttpRequest) -> User:
        return User()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        data = form.cleaned_data
        user.email = data["email"].lower()
        if data.get("password1"):
            user.set_password(data["password1"])
        else:
            user.set_unusable_password()
        user.time_zone = data.get("time_zone") or user.time_zone
        invitations.make_first_admin(request, user)
        if commit:
            user.save()
        return user

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Called where a sign-up at a provider needs no form: the last chance before the user is saved."""
        invitations.make_first_admin(request, user)
