"""All addresses. Each room states its own; this puts them together."""

from django.contrib import admin
from django.urls import include, path

from osmen_web import help
from osmen_web.health import healthz

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("accounts.urls")),
    path("", include("integrations.urls")),
    path("", include("mail.urls")),
    path("", include("calendars.urls")),
    path("", include("contacts.urls")),
    # allauth's own parts one by one: its provider addresses are ours, made from the registry.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/", include("integrations.connect.urls")),
    path("admin/", admin.site.urls),
    path("help/<path:path>", help.page),
    path("help/", help.page, {"path": ""}, name="help"),
    path("healthz", healthz, name="healthz"),
]
