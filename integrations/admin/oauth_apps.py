"""OAuth apps: the one table here that people write, after saying once more who they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.decorators import method_decorator

from accounts.generics import ModelAdmin, ModelForm
from integrations.models import OAuthApp
from integrations.setup.access import once_more
from integrations.vault import apps
from integrations.vault.fields import Plain


class OAuthAppForm(ModelForm):
    """A secret goes in and never comes out."""

    new_secret = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        label="Client secret",
        help_text="Stored encrypted and never shown. Leave empty to keep the present one.",
    )

    class Meta:
        model = OAuthApp
        fields = ("provider", "name", "client_id", "tenant", "endpoints", "active")

    def save(self, commit: bool = True) -> OAuthApp:
        if self.cleaned_data["new_secret"]:
            self.instance.client_secret = Plain(self.cleaned_data["new_secret"])
        app: OAuthApp = super().save(commit)
        return app


@admin.register(OAuthApp)
class OAuthAppAdmin(ModelAdmin):
    form = OAuthAppForm
    list_display = ("__str__", "provider", "client_id", "sandbox", "active", "trouble", "created_at")
    list_filter = ("provider", "active")
    fields = ("provider", "name", "client_id", "new_secret", "tenant", "endpoints", "active", "trouble", "trouble_code")
    readonly_fields = ("trouble", "trouble_code")

    @method_decorator(once_more)
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: OAuthApp, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.has_changed():
            # Whatever was wrong with it may be mended: its connections try at once.
            apps.works(obj)
