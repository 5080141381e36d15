"""Setting up an OAuth app from what an administrator gives: checked, then stored encrypted. Never printed.

The command line and the Python layer both come here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from integrations.errors import PermanentFailure
from integrations.models import OAuthApp
from integrations.providers.base import RegisteredClient, registry
from integrations.providers.guides import Place
from integrations.records import Service
from integrations.vault.fields import Plain

TEMPLATES: dict[str, tuple[Service, ...]] = {
    "calendar": (Service.CALENDAR,),
    "mail": (Service.MAIL,),
    "calendar+mail": (Service.CALENDAR, Service.MAIL),
    "calendar+mail+contacts": (Service.CALENDAR, Service.MAIL, Service.CONTACTS),
}
DEFAULT_TEMPLATE = "calendar+mail+contacts"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


def read_client_file(provider_id: str, path: Path | str) -> RegisteredClient:
    """The file that the provider's console gives for download. Raises ``PermanentFailure`` for any other."""
    spec = registry[provider_id]
    if spec.read_client is None:
        raise PermanentFailure(f"{spec.name} has no file of an app to download: give its id and secret.", code="file")
    try:
        text = Path(path).expanduser().read_text("utf-8")
    except OSError as error:
        raise PermanentFailure(f"{path} cannot be read: {error.strerror}.", code="file") from None
    except ValueError:
        raise PermanentFailure(f"{path} is not text.", code="file") from None
    return spec.read_client(text)


def redirect_uri(provider_id: str) -> str:
    """The address to register at the provider."""
    return f"{settings.OSMEN_PUBLIC_URL}{reverse(f'{provider_id}_callback')}"


def place(provider_id: str, services: frozenset[Service] | None = None) -> Place:
    """What the provider has to know of this OsMEN, for some services or all."""
    spec = registry[provider_id]
    chosen = frozenset(spec.offered_services) if services is None else services
    reachable = settings.OSMEN_PUSH_URL and spec.hear is not None
    push = f"{settings.OSMEN_PUSH_URL.rstrip('/')}{reverse('push', args=[provider_id])}" if reachable else ""
    return Place(redirect_uri(provider_id), push, spec.scopes_for(chosen), chosen)


def problems(provider_id: str, given: RegisteredClient) -> list[str]:
    """What is wrong with credentials as far as can be seen without asking the provider."""
    spec = registry[provider_id]
    found = []
    if not re.fullmatch(spec.client_id_form, given.client_id):
        found.append(f"The client id does not look like one of {spec.name}'s: {spec.client_id_hint}.")
    if not given.client_secret.strip():
        found.append("The client secret is empty.")
    elif re.fullmatch(_GUID, given.client_secret):
        found.append("This is the secret's id, not its value: the value is shown once, when the secret is made.")
    elif len(given.client_secret) < 8 or given.client_secret != given.client_secret.strip():
        found.append("The client secret is too short, or has spaces around it.")
    if not re.fullmatch(r"common|organizations|consumers|[A-Za-z0-9.-]+\.[A-Za-z]{2,}|" + _GUID, given.tenant):
        found.append("The tenant is common, organizations, consumers, a tenant's id or one of its domains.")
    wanted = redirect_uri(provider_id)
    if given.redirect_uris and not given.desktop and wanted not in given.redirect_uris:
        found.append(f"The redirect address {wanted} is not registered for this client. Add it in the console.")
    if given.desktop and (urlsplit(wanted).hostname or "") not in _LOOPBACK:
        found.append("This is a desktop client: browsers can connect with a “Web application” client only.")
    return found


def require_administrator(user: User) -> None:
    """Raises ``PermanentFailure`` for anybody who may not change the OAuth apps."""
    if not user.has_perm("integrations.change_oauthapp"):
        raise PermanentFailure(f"{user.email} is no administrator of this OsMEN.", code="administrator")


@transaction.atomic
def store(
    provider_id: str,
    given: RegisteredClient,
    *,
    name: str = "",
    endpoints: dict[str, str] | None = None,
    services: Iterable[Service] | None = None,
) -> OAuthApp:
    """Make this the app that new connections are made with; existing ones stay with the app that made them.

    ``services`` are what it is registered for: no others are asked for when connecting. None keeps what was chosen.
    Raises ``PermanentFailure`` naming everything that ``problems`` finds.
    """
    if wrong := problems(provider_id, given):
        raise PermanentFailure(" ".join(wrong), code="credentials")
    mine = OAuthApp.objects.filter(provider=provider_id, client_id=given.client_id, sandbox=False).first()
    app = mine or OAuthApp(provider=provider_id, client_id=given.client_id)
    OAuthApp.objects.filter(provider=provider_id, active=True).exclude(pk=app.pk).update(active=False)
    app.check_asked_at, app.checked_at, app.findings = None, None, []
    app.name = name or app.name or registry[provider_id].name
    app.tenant, app.active, app.trouble, app.trouble_code = given.tenant, True, "", ""
    app.trouble_since = app.try_again_at = None
    if services is not None:
        app.services = [s.value for s in services]
    if endpoints is not None:
        app.endpoints = endpoints
    app.client_secret = Plain(given.client_secret)
    app.save()
    return app


@transaction.atomic
def activate(app: OAuthApp) -> None:
    """Make an app that is stored already the one that new connections are made with."""
    OAuthApp.objects.filter(provider=app.provider, active=True).exclude(pk=app.pk).update(active=False)
    OAuthApp.objects.filter(pk=app.pk).update(active=True)


def keep_push(app: OAuthApp, names: Mapping[str, str], key: str = "") -> None:
    """How the provider tells this app of changes, from now on; its guide has said that nothing is missing.

    An empty ``key`` keeps the one that is stored, as long as the provider has something to fetch with it.
    """
    guide, keeps = registry[app.provider].guide, registry[app.provider].keeps
    known = {wanted.name for wanted in guide.push_fields} if guide else set()
    app.endpoints = {name: value for name, value in app.endpoints.items() if name not in known} | dict(names)
    if key:
        app.pull_key = Plain(key)
    elif keeps is None or not keeps.configured(app.resolved_endpoints()):
        app.pull_key = app.pull_key_key = None
    app.save(update_fields=("endpoints", "pull_key", "pull_key_key"))
