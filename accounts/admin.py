"""The administration of users, invitations, second factors and sessions.

Whoever administers must not be able to be somebody else: secrets of second factors and keys of sessions are not shown.
allauth's tables of apps and tokens stay empty, so they are hidden.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.decorators import method_decorator

from accounts.confirmation import once_more
from accounts.generics import ModelAdmin
from accounts.generics import UserAdmin as DjangoUserAdmin
from accounts.models import AccessToken, Invitation, User

admin.site.unregister([SocialApp, SocialToken, SocialAccount, EmailAddress, Group, Authenticator, UserSession])


class Sensitive(ModelAdmin):
    """Who can sign in, and as what: changed only by somebody who has just said who they are."""

    @method_decorator(once_more)
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    @method_decorator(once_more)
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A list may be looked at; what is done to several at once is asked for."""
        show = super().changelist_view
        return once_more(show)(request, *args, **kwargs) if request.method == "POST" else show(request, *args, **kwargs)


@admin.register(User)
class UserAdmin(Sensitive, DjangoUserAdmin):
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "date_joined", "last_login")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name", "time_zone", "theme", "density", "week_start", "hour12")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)

    @method_decorator(once_more)
    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().user_change_password(request, *args, **kwargs)


@admin.register(Group)
class GroupAdmin(Sensitive, DjangoGroupAdmin):
    """What a group may do, its members may."""


@admin.register(EmailAddress)
class EmailAddressAdmin(Sensitive, AllauthEmailAddressAdmin):
    """Who reads an address can choose its person's password."""


class Watched(ModelAdmin):
    """What people make on their own pages: here it can be looked at and taken away."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(Watched):
    list_display = ("__str__", "makes_admin", "created_by", "created_at", "expires_at", "used_at")
    exclude = ("code_hash",)


@admin.register(AccessToken)
class AccessTokenAdmin(Watched):
    list_display = ("name", "user", "created_at", "last_used_at")
    search_fields = ("name", "user__email")
    exclude = ("text_hash",)


@admin.register(Authenticator)
class AuthenticatorAdmin(Sensitive, Watched):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email", "user__name")
    exclude = ("data",)


@admin.register(SocialAccount)
class SocialAccountAdmin(Sensitive, Watched):
    """A way to sign in: only its person makes one, by signing in with it."""

    list_display = ("user", "provider", "uid", "date_joined", "last_login")
    list_filter = ("provider",)
    search_fields = ("user__email", "uid")
    exclude = ("extra_data",)


@admin.register(UserSession)
class UserSessionAdmin(Watched):
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    search_fields = ("user__email", "user__name", "ip")
    exclude = ("session_key", "data")

    def delete_model(self, request: object, obj: UserSession) -> None:
        """Sign that browser out; without this the session would live on, unseen."""
        obj.end()

    def delete_queryset(self, request: object, queryset: Iterable[UserSession]) -> None:
        for session in queryset:
            session.end()
