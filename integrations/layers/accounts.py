"""Whose layer it is, and which of their accounts is meant. Every error names the choices and what to do."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from integrations.connect.apps import active_app
from integrations.errors import MisconfiguredApp, PermanentFailure, ReconnectRequired, ScopeMissing
from integrations.models import Connection
from integrations.models.connection import State
from integrations.providers.base import Session, registry
from integrations.records import Service
from integrations.vault import tokens

_ENDED = (State.RECONNECT, State.UNREADABLE, State.DISCONNECTING)


class ChoiceNeeded(PermanentFailure):
    """Several accounts would do, and nothing says which is meant. ``choices`` are their addresses."""

    def __init__(self, explanation: str, choices: tuple[str, ...]) -> None:
        super().__init__(explanation, code="account")
        self.choices = choices


def find_user(given: User | UUID | str | None) -> User:
    """A user by themselves, id or e-mail address; ``None`` is the only one there is.

    Raises ``PermanentFailure`` where nobody or not one alone is meant.
    """
    if isinstance(given, User):
        return given
    if given is None:
        everybody = list(User.objects.filter(is_active=True)[:2])
        if len(everybody) == 1:
            return everybody[0]
        said = "There is nobody here yet: sign up first." if not everybody else "There are several people here."
        raise PermanentFailure(f"{said} Say whose accounts are meant by their e-mail address.", code="user")
    found = User.objects.filter(pk=given) if isinstance(given, UUID) else User.objects.filter(email__iexact=given)
    user = found.first()
    if user is None:
        raise PermanentFailure(f"Nobody here has the e-mail address {given}.", code="user")
    return user


class Accounts:
    """One user's connections, as a script asks for them. Rows are read anew on every question."""

    def __init__(self, user: User) -> None:
        self.user = user

    def all(self, service: Service | None = None) -> list[Connection]:
        """The connections in the order of connecting; those that can do ``service`` if it is given."""
        rows = Connection.objects.filter(user=self.user).exclude(state=State.DISCONNECTING)
        found = list(rows.select_related("app"))
        return [c for c in found if service is None or service in c.services]

    def one(self, service: Service, provider_id: str | None = None, account: str | None = None) -> Connection:
        """The account that is meant: by address, label or id where ``account`` is given, else the only one.

        Raises ``MisconfiguredApp`` (no app is set up), ``PermanentFailure`` (nothing connected), ``ChoiceNeeded``,
        ``ScopeMissing`` or ``ReconnectRequired``.
        """
        what = registry[provider_id].name if provider_id else service.value
        everything = [c for c in self.all() if provider_id in (None, c.provider)]
        matching = [c for c in everything if account is None or _is(c, account)]
        able = [c for c in matching if service in c.services]
        if account is None and len(able) > 1:
            choices = tuple(c.email for c in able)
            raise ChoiceNeeded(f"Say which {what} account with account=…: {', '.join(choices)}.", choices)
        if not everything:
            if provider_id:
                active_app(provider_id)
            page = f"{settings.OSMEN_PUBLIC_URL}/integrations/"
            raise PermanentFailure(f"No {what} account is connected. Connect one at {page}.", code="not_connected")
        if not matching:
            names = ", ".join(c.email for c in everything)
            raise PermanentFailure(f"There is no {what} account {account}. Connected: {names}.", code="account")
        if not able:
            raise _not_granted(matching[0], service)
        return alive(able[0])

    def primary(self, service: Service) -> Connection | None:
        """The account that its owner prefers, if it was chosen for ``service``."""
        chosen = Connection.objects.filter(user=self.user, primary=True).exclude(state=State.DISCONNECTING).first()
        return chosen if chosen is not None and service in chosen.chosen_services else None

    def for_writing(self, service: Service, provider_id: str | None = None, account: str | None = None) -> Connection:
        """As ``one``; where nothing is named, the primary account. Raises what ``one`` raises."""
        if provider_id is None and account is None and (chosen := self.primary(service)):
            account = str(chosen.pk)
        return self.one(service, provider_id, account)

    @transaction.atomic
    def prefer(self, connection: Connection) -> None:
        """Make this the account that is meant where none is named, from now on and for every process."""
        mine = Connection.objects.filter(user=self.user)
        mine.filter(primary=True).exclude(pk=connection.pk).update(primary=False)
        mine.filter(pk=connection.pk).update(primary=True)

    def session(self, connection: Connection, service: Service) -> Session:
        """What a client needs to act for an account."""
        return tokens.session(connection, tokens.Purpose.ASK, service)


def alive(connection: Connection) -> Connection:
    """The same connection. Raises ``ReconnectRequired`` where its access has ended."""
    if connection.state in _ENDED:
        why = connection.state_reason or "Its access has ended."
        page = f"{settings.OSMEN_PUBLIC_URL}/integrations/"
        raise ReconnectRequired(f"{connection.email} must be reconnected at {page}. {why}", code=connection.state_code)
    return connection


def configured(provider_id: str) -> bool:
    """Whether an OAuth app of a provider is set up."""
    try:
        active_app(provider_id)
    except MisconfiguredApp:
        return False
    return True


def _is(connection: Connection, account: str) -> bool:
    sought = account.casefold()
    return sought in (connection.email.casefold(), connection.label.casefold(), str(connection.pk))


def _not_granted(connection: Connection, service: Service) -> ScopeMissing:
    spec = connection.provider_spec
    missing = spec.missing(service, frozenset(connection.granted_scopes))
    named = "; ".join(f"“{p.allows}” ({p.scope})" for p in missing if p.required)
    why = f"It lacks the permission {named}." if named else f"{spec.name_of(service)} was not chosen when connecting."
    return ScopeMissing(
        f"{connection.email} cannot do {service.value}. {why} Reconnect it to allow that.", code="scope"
    )
