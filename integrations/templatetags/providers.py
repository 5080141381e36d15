"""The vendors' buttons, from the registry: to connect an account, and to sign in with one.

A page that shows them may lead there (``apps.buttons``). A vendor's mark is ``templates/vendors/<id>.html``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template import Library
from django.template.loader import select_template
from django.urls import reverse
from django.utils.safestring import SafeString

from integrations.connect import apps
from integrations.models.connection import Reach
from integrations.records import Service
from integrations.setup.access import PERMISSION

register = Library()
_SERVICES = {Service.MAIL: "Mail", Service.CALENDAR: "Calendar", Service.CONTACTS: "Contacts"}


@dataclass(frozen=True, slots=True)
class VendorButton:
    """One provider's form: where it leads, and what a person may choose."""

    id: str
    name: str
    address: str
    ready: bool
    sandbox: bool
    services: tuple[tuple[str, str], ...]


def _buttons(context: dict[str, Any]) -> list[VendorButton]:
    return [
        VendorButton(
            button.provider.id,
            button.provider.name,
            reverse(f"{button.provider.id}_login"),
            button.ready,
            button.app is not None and button.app.sandbox,
            tuple((s.value, _SERVICES[s]) for s in (button.app or button.provider).offered_services),
        )
        for button in apps.buttons(context["request"])
    ]


def _shared(context: dict[str, Any], buttons: list[VendorButton]) -> dict[str, Any]:
    return {
        "buttons": buttons,
        "sandbox": any(b.sandbox for b in buttons),
        "reaches": [(value, name, value == Reach.ALL) for value, name in Reach.choices],
        "csrf_token": context.get("csrf_token"),
        "administers": _administers(context["request"].user),
    }


def _administers(user: Any) -> bool:
    """Asked of staff alone: of others it would cost every page two queries to learn that they may not."""
    return bool(user.is_staff and user.has_perm(PERMISSION))


@register.simple_tag
def vendor_mark(provider_id: str) -> SafeString:
    """A vendor's own mark, as its brand rules draw it; a plain link for a provider that has none here."""
    return SafeString(select_template([f"vendors/{provider_id}.html", "vendors/other.html"]).render())


@register.inclusion_tag("integrations/connect_buttons.html", takes_context=True)
def connect_buttons(context: dict[str, Any]) -> dict[str, Any]:
    """ "Connect Google" and its like, with the services to choose from; in words where a provider is not set up."""
    return _shared(context, _buttons(context))


@register.inclusion_tag("integrations/sign_in_buttons.html", takes_context=True)
def sign_in_buttons(context: dict[str, Any]) -> dict[str, Any]:
    """Signing in with an account at a provider; nothing where none is set up."""
    return {**_shared(context, [b for b in _buttons(context) if b.ready]), "next": context["request"].GET.get("next")}


@register.simple_tag(takes_context=True)
def may_lead_to_providers(context: dict[str, Any]) -> str:
    """For a page with a form of its own that leads to a provider."""
    apps.buttons(context["request"])
    return ""
