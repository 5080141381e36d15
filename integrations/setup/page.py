"""What the setup pages show, computed from rows and from the providers' guides. One query for all apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from integrations import app_setup
from integrations.errors import IntegrationError
from integrations.models import OAuthApp
from integrations.providers.base import Provider, registry
from integrations.providers.guides import Step
from integrations.vault.grants import fingerprint

# By then a worker would have begun.
WORKER_BEGINS = timedelta(seconds=20)
_ICONS = {"wrong": "circle-alert", "unsure": "info", "note": "info", "ok": "circle-check"}
_WORDS = {"wrong": "Wrong", "unsure": "Not seen yet", "note": "Could be better", "ok": "Well"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as it is drawn."""

    tone: str
    icon: str
    word: str
    title: str
    text: str
    page: str
    page_name: str
    clicks: tuple[str, ...]
    code: str
    account: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The last check of an app. ``late``: it was asked for, and no worker has begun."""

    going_on: bool
    late: bool
    at: datetime | None
    wrong: int
    findings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class AppFacts:
    """One OAuth app; of its secret the fingerprint alone."""

    id: str
    name: str
    client_id: str
    secret: str
    tenant: str
    sandbox: bool
    active: bool
    connections: int
    trouble: str


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """One provider and how it is set up. ``state`` is none, sandbox, trouble or ready."""

    id: str
    name: str
    state: str
    line: str
    app: AppFacts | None
    others: tuple[AppFacts, ...]
    checked: Checked | None
    has_tenants: bool
    has_file: bool

    @property
    def real(self) -> bool:
        return self.app is not None and not self.app.sandbox


def providers() -> list[ProviderSetup]:
    """Every provider, in the order of the registry."""
    rows = list(OAuthApp.objects.annotate(held=Count("connections")).order_by("-active", "-created_at"))
    return [_provider(spec, [row for row in rows if row.provider == spec.id]) for spec in registry]


def provider(spec: Provider) -> ProviderSetup:
    """One of them."""
    return next(one for one in providers() if one.id == spec.id)


def steps(spec: Provider) -> tuple[Step, ...]:
    """What to do at the provider, up to an id and a secret."""
    app = OAuthApp.objects.filter(provider=spec.id, active=True).first()
    services = frozenset(app.offered_services) if app else None
    return spec.guide.steps(app_setup.place(spec.id, services)) if spec.guide else ()


def push_steps(spec: Provider) -> tuple[Step, ...]:
    return spec.guide.push_steps(app_setup.place(spec.id)) if spec.guide else ()


def addresses() -> dict[str, Any]:
    """Where this OsMEN is reached, by people and by providers."""
    return {"public": settings.OSMEN_PUBLIC_URL, "push": settings.OSMEN_PUSH_URL}


def _provider(spec: Provider, rows: list[OAuthApp]) -> ProviderSetup:
    active = next((row for row in rows if row.active), None)
    state = "none" if active is None else "trouble" if active.trouble else "sandbox" if active.sandbox else "ready"
    lines = {
        "none": f"No app yet: {spec.name} accounts cannot be connected.",
        "sandbox": "Sample accounts: the built-in sandbox stands in until you set your own app up.",
        "trouble": f"{spec.name} refuses this app. {active.trouble if active else ''}",
        "ready": "Your own app. New accounts are connected with it.",
    }
    return ProviderSetup(
        spec.id,
        spec.name,
        state,
        lines[state].strip(),
        _facts(active) if active else None,
        tuple(_facts(row) for row in rows if row is not active),
        _checked(active) if active else None,
        "{tenant}" in spec.endpoints["authorize"],
        spec.read_client is not None,
    )


def _facts(row: OAuthApp) -> AppFacts:
    try:
        secret = fingerprint(row.credentials().client_secret)
    except IntegrationError:
        secret = "cannot be read with the present keys"
    held: int = getattr(row, "held", 0)
    return AppFacts(
        str(row.pk), str(row), row.client_id, secret, row.tenant, row.sandbox, row.active, held, row.trouble
    )


def _checked(row: OAuthApp) -> Checked:
    findings = tuple(_shown(one) for one in row.findings)
    late = bool(row.being_checked and row.check_asked_at and row.check_asked_at < timezone.now() - WORKER_BEGINS)
    began = bool(row.check_began_at and row.check_asked_at and row.check_began_at >= row.check_asked_at)
    wrong = sum(one.tone == "wrong" for one in findings)
    return Checked(row.being_checked, late and not began, row.checked_at, wrong, findings)


def _shown(kept: dict[str, Any]) -> Shown:
    verdict, mend = str(kept["verdict"]), kept["mend"]
    return Shown(
        verdict,
        _ICONS[verdict],
        _WORDS[verdict],
        kept["title"],
        kept["text"],
        mend["page"],
        mend["page_name"],
        tuple(mend["clicks"]),
        kept["code"],
        kept["account"],
    )
