"""The forms of setting up: an app's credentials as a file, as text or typed, and what being told of changes needs.

A secret goes in and never comes out, not even when the form is shown again.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms

from integrations import app_setup
from integrations.errors import IntegrationError
from integrations.models import OAuthApp
from integrations.providers.base import Provider, RegisteredClient
from integrations.providers.guides import Guide
from integrations.records import Service

MOST_BYTES = 64 * 1024
TENANTS = (
    ("common", "Work, school and personal accounts (common)"),
    ("organizations", "Work and school accounts (organizations)"),
    ("consumers", "Personal accounts (consumers)"),
    ("", "One organisation only, by its tenant id or domain"),
)

SERVICES = ((Service.MAIL, "Mail"), (Service.CALENDAR, "Calendar"), (Service.CONTACTS, "Contacts"))


class Unshown(forms.Textarea):
    """A text area that never shows what was given."""

    def format_value(self, value: Any) -> str | None:
        return None


class AppForm(forms.Form):
    """One provider's credentials; ``given`` is what they come to."""

    file = forms.FileField(label="The JSON file", required=False)
    text = forms.CharField(
        label="Or its content",
        required=False,
        max_length=MOST_BYTES,
        widget=Unshown(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    client_id = forms.CharField(
        label="Client id", required=False, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    client_secret = forms.CharField(
        label="Client secret",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    tenant = forms.ChoiceField(label="Who may connect", required=False, choices=TENANTS, initial="common")
    own_tenant = forms.CharField(label="Tenant id or domain", required=False, max_length=64)
    services = forms.MultipleChoiceField(choices=SERVICES, error_messages={"required": "Choose at least one service."})

    def __init__(self, spec: Provider, present: OAuthApp | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec, self.present = spec, present
        self.given: RegisteredClient | None = None
        if spec.read_client is None:
            del self.fields["file"], self.fields["text"]
        if "{tenant}" not in spec.endpoints["authorize"]:
            del self.fields["tenant"], self.fields["own_tenant"]
        elif present:
            known = present.tenant in dict(TENANTS)
            self.fields["tenant"].initial = present.tenant if known else ""
            self.fields["own_tenant"].initial = "" if known else present.tenant
        self.fields["services"].initial = [s.value for s in (present or spec).offered_services]
        self.fields["client_secret"].help_text = "Its value, not its id."
        if present:
            self.fields["client_id"].initial = present.client_id
            self.fields["client_secret"].help_text += " Empty keeps the present one."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            given = self._read(cleaned)
            wrong = app_setup.problems(self.spec.id, given)
        except IntegrationError as error:
            raise forms.ValidationError(error.explanation) from None
        if wrong:
            raise forms.ValidationError(wrong)
        self.given = given
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> RegisteredClient:
        """From the file, else from the text, else from the fields. Raises ``PermanentFailure``."""
        text = _text_of(cleaned.get("file"), "a client's JSON") or cleaned.get("text", "").strip()
        if text and self.spec.read_client is not None:
            return self.spec.read_client(text)
        client_id, secret = cleaned.get("client_id", "").strip(), cleaned.get("client_secret", "")
        if not secret and self.present and client_id == self.present.client_id:
            secret = self.present.credentials().client_secret
        tenant = cleaned.get("tenant") or cleaned.get("own_tenant", "").strip() or "common"
        if "tenant" in self.fields and not cleaned.get("tenant") and not cleaned.get("own_tenant", "").strip():
            raise forms.ValidationError("Give the tenant's id or domain, or choose another kind of account.")
        return RegisteredClient(client_id, secret, tenant)


class PushForm(forms.Form):
    """The names that a provider needs for telling of changes, and the key for fetching them; empty names end it."""

    def __init__(self, guide: Guide, app: OAuthApp, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guide = guide
        self.has_key = app.pull_key is not None
        for wanted in guide.push_fields:
            self.fields[wanted.name] = forms.CharField(
                label=wanted.label,
                required=False,
                max_length=300,
                initial=app.endpoints.get(wanted.name, ""),
                help_text=f"Such as {wanted.hint}",
                widget=forms.TextInput(attrs={"spellcheck": "false"}),
            )
        if guide.push_key:
            known = " Empty keeps the one that is stored." if self.has_key else ""
            self.fields["key"] = forms.FileField(
                label=guide.push_key, required=False, help_text=f"The JSON file; it is stored encrypted.{known}"
            )

    @property
    def names(self) -> dict[str, str]:
        """What was given by name, without the empty ones."""
        fields = (wanted.name for wanted in self.guide.push_fields)
        return {name: value for name in fields if (value := self.cleaned_data.get(name, "").strip())}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.new_key = _text_of(cleaned.get("key"), "a key")
        for wanted in self.guide.push_fields:
            value = cleaned.get(wanted.name, "").strip()
            if value and not re.fullmatch(wanted.form, value):
                self.add_error(wanted.name, f"This does not look like one, such as {wanted.hint}.")
        if not self.errors:
            try:
                gap = self.guide.push_gap(self.names, self.new_key, self.has_key)
            except IntegrationError as error:
                gap = error.explanation
            if gap:
                raise forms.ValidationError(gap)
        return cleaned


def _text_of(file: Any, what: str) -> str:
    """What was uploaded, as text. Raises ``ValidationError`` for a file that is too large."""
    if not file:
        return ""
    if file.size > MOST_BYTES:
        raise forms.ValidationError(f"This file is too large to be {what}.")
    return str(file.read().decode("utf-8", "replace"))
