"""Asks every service of every account for one small thing, for real, and says in words what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from integrations.errors import (
    IntegrationError,
    MisconfiguredApp,
    PermanentFailure,
    RateLimited,
    ReconnectRequired,
    ScopeMissing,
    TemporaryFailure,
    Unauthorized,
)
from integrations.layers.accounts import Accounts, alive
from integrations.models import Connection
from integrations.providers.base import registry
from integrations.records import Service

_REMEDIES: tuple[tuple[type[IntegrationError], str], ...] = (
    (ReconnectRequired, "Reconnect the account on the Integrations page."),
    (Unauthorized, "Reconnect the account on the Integrations page."),
    (ScopeMissing, "Reconnect the account and leave the permission ticked."),
    (MisconfiguredApp, "Check the OAuth app: setup_oauth --status."),
    (RateLimited, "Wait; OsMEN tries again by itself."),
    (TemporaryFailure, "Check the network; OsMEN tries again by itself."),
    (PermanentFailure, "The message says what the provider does not accept."),
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One service of one account. ``found`` says what is there; ``problem`` and ``remedy`` are empty where it works."""

    account: str
    provider: str
    service: Service
    name: str
    found: str = ""
    problem: str = ""
    remedy: str = ""
    error: str = ""
    milliseconds: int = 0
    code: str = ""
    connection: str = ""
    cause: IntegrationError | None = field(default=None, repr=False, compare=False)

    @property
    def works(self) -> bool:
        return not self.problem

    def as_json(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "provider": self.provider,
            "service": self.service.value,
            "works": self.works,
            "found": self.found or None,
            "problem": self.problem or None,
            "remedy": self.remedy or None,
            "error": self.error or None,
            "milliseconds": self.milliseconds,
        }


def probe_all(accounts: Accounts, provider_id: str | None = None) -> Iterator[Probe]:
    """Every chosen service of a user's accounts, one after another."""
    for connection in accounts.all():
        if provider_id in (None, connection.provider):
            yield from probe(accounts, connection, map(Service, sorted(connection.chosen_services)))


def probe(accounts: Accounts, connection: Connection, services: Iterable[Service]) -> Iterator[Probe]:
    """Some services of one account."""
    spec = connection.provider_spec
    for service in services:
        known = (connection.email, connection.provider, service, spec.name_of(service))
        started = time.monotonic()
        try:
            alive(connection)
            if service not in connection.services:
                accounts.one(service, connection.provider, str(connection.pk))
            found = spec.client(service, accounts.session(connection, service)).discover()
        except IntegrationError as error:
            remedy = next((text for kind, text in _REMEDIES if isinstance(error, kind)), "")
            kind = type(error).__name__
            took = _since(started)
            yield Probe(*known, "", error.explanation, remedy, kind, took, error.code, str(connection.pk), error)
        else:
            counted = len(found.containers) or len(found.collections)
            yield Probe(*known, found=f"{counted} {_word(service, counted)}", milliseconds=_since(started))


def check(accounts: Accounts, provider_id: str, configured: bool) -> dict[str, Any]:
    """A provider's part of the layer's checks: what works for any of the accounts, and every problem in words."""
    probes = list(probe_all(accounts, provider_id))
    spec = registry[provider_id]
    works: dict[str, Any] = {
        f"{service}_available": any(p.works for p in probes if p.service is service) for service in spec.services
    }
    return {
        "oauth_configured": configured,
        "accounts": list(dict.fromkeys(p.account for p in probes)),
        **works,
        "problems": [f"{p.account}, {p.name}: {p.problem} {p.remedy}".strip() for p in probes if not p.works],
    }


def _word(service: Service, count: int) -> str:
    words = {Service.MAIL: "folder", Service.CALENDAR: "calendar", Service.CONTACTS: "group"}
    return words[service] if count == 1 else f"{words[service]}s"


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
