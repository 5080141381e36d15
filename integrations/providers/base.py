"""The contract between a provider and the rest of OsMEN, and the registry of providers.

A provider is one folder: a ``Provider`` descriptor, an ``OAuthClient`` and a client per service. It knows HTTP and its
vendor's rules. It knows no Django model, no database, no other provider. What it needs to act for an account comes in
as a ``Session``; what it learns goes out as records. This module does no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from integrations.providers.abilities import KeepsForUs, Knock, Reply
from integrations.providers.tariffs import Spend, Tariff, freely
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    ContactRecord,
    Discovery,
    EventRecord,
    Identity,
    MailDelta,
    MailRecord,
    Page,
    Record,
    Service,
    TokenSet,
)

if TYPE_CHECKING:
    from integrations.providers.guides import Guide


def address_of(name: str, endpoints: Mapping[str, str], tenant: str) -> str:
    """An endpoint's address; it may stand on the login authority, and name the tenant. Raises ``KeyError``."""
    authority = endpoints.get("authority", "").rstrip("/")
    return endpoints[name].replace("{authority}", authority).replace("{tenant}", tenant)


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """An OAuth app as a provider sees it. ``endpoints`` overrides the vendor's addresses by name (see ``Provider``)."""

    client_id: str
    client_secret: str
    endpoints: Mapping[str, str]
    tenant: str = "common"

    def __repr__(self) -> str:
        return f"AppCredentials(client_id={self.client_id!r})"

    def address(self, name: str) -> str:
        """An endpoint's address. Raises ``KeyError``."""
        return address_of(name, self.endpoints, self.tenant)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """An OAuth app as an administrator hands it over. ``desktop``: it was registered for installed programs, whose
    answers go to an address of the person's own machine. ``redirect_uris`` are empty where they are not known.
    """

    client_id: str
    client_secret: str = field(repr=False)
    tenant: str = "common"
    desktop: bool = False
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What a service client needs to act for one account.

    ``access_token()`` gives a token that is valid for some minutes; ``access_token(refused=t)`` says that the API
    answered 401 to ``t``, and gives another or raises ``ReconnectRequired``. Raises what the vault raises.
    ``scopes`` are those that the user granted. A client calls ``spend`` before its calls go out.
    """

    access_token: Callable[..., str]
    endpoints: Mapping[str, str]
    account_email: str
    scopes: frozenset[str] = frozenset()
    spend: Spend = freely


@dataclass(frozen=True, slots=True)
class Permission:
    """A scope, the service that needs it and what it allows, in the words a user reads."""

    scope: str
    service: Service | None
    allows: str
    required: bool = True


class OAuthClient(Protocol):
    """The vendor's OAuth rules. All calls go through ``providers.http``. Raises ``integrations.errors`` only."""

    def authorize_params(self, *, reconnect_email: str | None, offline: bool) -> dict[str, str]:
        """The vendor's own parameters of the authorize address. ``offline`` asks for a refresh token."""
        ...

    def identify(self, app: AppCredentials, id_token: str, *, nonce: str, access_token: str) -> Identity:
        """Verify the ID token (signature, issuer, audience, expiry, nonce) and say who it is about."""
        ...

    def refresh(self, app: AppCredentials, refresh_token: str, scopes: frozenset[str]) -> TokenSet:
        """A fresh access token; ``refresh_token`` in the answer is empty where the vendor does not rotate."""
        ...

    def revoke(self, app: AppCredentials, token: str) -> bool:
        """End the grant at the vendor. False where the vendor has no way to do that."""
        ...


class MailClient(Protocol):
    """Mail of one account."""

    def discover(self) -> Discovery: ...

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[MailRecord | MailDelta]]:
        """Pages after ``cursor``, newest first on a first walk; ``None`` starts one. Raises ``CursorExpired``."""
        ...

    def apply(self, change: ChangeRecord) -> tuple[MailRecord | MailDelta, ...]:
        """Carry out one change; what the provider answered, as records for the store."""
        ...

    def attachment(self, message_id: str, part_id: str) -> bytes:
        """An attachment's decoded content."""
        ...

    def source(self, message_id: str) -> bytes:
        """The message as RFC 5322 bytes."""
        ...


class CalendarClient(Protocol):
    """Calendars of one account."""

    def discover(self) -> Discovery: ...

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[EventRecord]]: ...

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]: ...


class ContactsClient(Protocol):
    """The address book of one account."""

    def discover(self) -> Discovery: ...

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[ContactRecord]]: ...

    def apply(self, change: ChangeRecord) -> tuple[ContactRecord, ...]: ...


class ServiceClient(Protocol):
    """What the engine needs of any service client; the three above narrow it."""

    def discover(self) -> Discovery: ...

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[Record]]: ...

    def apply(self, change: ChangeRecord) -> tuple[Record, ...]: ...


class LiveCalendar(Protocol):
    """What every provider's live calendar can do in our own words, beside what its vendor's API has."""

    def between(self, start: datetime, end: datetime, calendar_id: str = "") -> Iterator[EventRecord]:
        """Every event of a calendar between two instants, instances of series one by one; empty: the default one."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's descriptor: everything that others may know of it.

    ``endpoints`` are the vendor's own addresses by name; an OAuth app's row or the environment
    (``OSMEN_<PROVIDER>_<NAME>_URL``) may override each. ``identity_scopes`` are asked for at every sign-in,
    ``permissions`` for the services that the user chose. ``clients`` makes a service's client for a session.
    ``scope_prefix`` is what the vendor may write before a scope in its answers. ``live`` makes a service's client for
    scripts, which speaks the vendor's own shapes; ``called`` is what the vendor calls a service.
    ``client_id_form`` is a pattern of the vendor's client ids and ``client_id_hint`` the same in words;
    ``read_client`` reads the file that the vendor's console offers for download, if it does. ``tariffs`` are the quotas
    by API; where a vendor has several, the larger one counts until it turns out not to. ``hear`` reads what the vendor
    sends to tell of changes, ``keeps`` fetches what it keeps instead. ``instance_id`` says by what id one instance of a
    series is known, from the series' id and the instance's original start; None where only the vendor can tell.
    ``guide`` leads through setting an app up.
    """

    id: str
    name: str
    endpoints: Mapping[str, str]
    identity_scopes: tuple[str, ...]
    offline_scopes: tuple[str, ...]
    permissions: tuple[Permission, ...]
    oauth: OAuthClient
    clients: Mapping[Service, Callable[[Session], object]]
    console_url: str
    grants_page: str
    revokes: bool
    scope_prefix: str = ""
    live: Mapping[Service, Callable[[Session], object]] = field(default_factory=dict)
    called: Mapping[Service, str] = field(default_factory=dict)
    client_id_form: str = r"\S{8,}"
    client_id_hint: str = "at least eight characters"
    read_client: Callable[[str], RegisteredClient] | None = None
    tariffs: Mapping[str, tuple[Tariff, ...]] = field(default_factory=dict)
    hear: Callable[[Knock], Reply] | None = None
    keeps: KeepsForUs | None = None
    guide: Guide | None = None
    instance_id: Callable[[str, datetime | date], str] | None = None

    @property
    def services(self) -> tuple[Service, ...]:
        """What OsMEN can do with an account there."""
        return tuple(self.clients)

    @property
    def offered_services(self) -> tuple[Service, ...]:
        """What a person may grant when connecting, in the order of ``Service``."""
        named = {p.service for p in self.permissions}
        return tuple(s for s in Service if s in named)

    def scopes_for(self, services: frozenset[Service]) -> tuple[str, ...]:
        """All scopes to ask for when connecting with these services."""
        wanted = [p.scope for p in self.permissions if p.service is None or p.service in services]
        return (*self.identity_scopes, *self.offline_scopes, *wanted)

    def missing(self, service: Service, granted: frozenset[str]) -> tuple[Permission, ...]:
        """The permissions that ``service`` needs and the user did not grant."""
        plain = {scope.removeprefix(self.scope_prefix) for scope in granted}
        return tuple(p for p in self.permissions if p.service is service and p.scope not in plain)

    def usable(self, service: Service, granted: frozenset[str]) -> bool:
        """Whether ``service`` works with what was granted."""
        return service in self.clients and not any(p.required for p in self.missing(service, granted))

    def mail(self, session: Session) -> MailClient:
        return cast(MailClient, self.clients[Service.MAIL](session))

    def calendar(self, session: Session) -> CalendarClient:
        return cast(CalendarClient, self.clients[Service.CALENDAR](session))

    def contacts(self, session: Session) -> ContactsClient:
        return cast(ContactsClient, self.clients[Service.CONTACTS](session))

    def live_calendar(self, session: Session) -> LiveCalendar:
        return cast(LiveCalendar, self.live[Service.CALENDAR](session))

    def name_of(self, service: Service) -> str:
        """A service as people know it: "Gmail"."""
        return self.called.get(service, f"{self.name} {service}")

    def client(self, service: Service, session: Session) -> ServiceClient:
        return cast(ServiceClient, self.clients[service](session))


class Registry:
    """The providers named in settings, by id, in the order given there."""

    def __init__(self) -> None:
        self._providers: dict[str, Provider] = {}

    def load(self, modules: tuple[str, ...]) -> None:
        """Import each dotted module (``settings.OSMEN_PROVIDERS``) and register its ``provider``."""
        for module in modules:
            provider = cast(Provider, import_module(module).provider)
            self._providers[provider.id] = provider

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._providers.values())

    def __getitem__(self, provider_id: str) -> Provider:
        """Raises ``KeyError`` for a provider that settings do not name."""
        return self._providers[provider_id]

    def __contains__(self, provider_id: object) -> bool:
        return provider_id in self._providers


registry = Registry()
