"""The public Python API: one entry point to everything that a user has connected.

>>> from integrations import get_integration_layer
>>> layer = get_integration_layer("ada@example.org")  # doctest: +SKIP
>>> layer.get_google_calendar().list_events()  # doctest: +SKIP
>>> layer.inbox(unread=True)  # doctest: +SKIP

There are two sides. The getters give live clients, which speak the vendor's own shapes and go to it on every call. The
other methods work on all accounts at once, read what is stored here and write through the outbox. ``account=`` says
which account is meant where there are several: by address, label or id. Errors are ``integrations.errors``, each with
an ``explanation`` for people. Django must be set up: ``osmen.py shell``, ``osmen.py run FILE.py``, or a task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from accounts.models import User
from integrations import app_setup
from integrations.layers import probes
from integrations.layers.accounts import Accounts, configured, find_user
from integrations.layers.calendar_manager import CalendarManager
from integrations.layers.unified import Unified
from integrations.models import OAuthApp
from integrations.providers.base import RegisteredClient
from integrations.records import Service
from integrations.status import status_of

if TYPE_CHECKING:
    from integrations.providers.google.live_calendar import GoogleCalendarApi
    from integrations.providers.google.live_contacts import GoogleContactsApi
    from integrations.providers.google.live_gmail import GmailApi
    from integrations.providers.microsoft.live_calendar import OutlookCalendarApi
    from integrations.providers.microsoft.live_contacts import MicrosoftContactsApi
    from integrations.providers.microsoft.live_mail import OutlookMailApi

GOOGLE, MICROSOFT = "google", "microsoft"


def get_integration_layer(user: User | UUID | str | None = None) -> IntegrationLayer:
    """The layer of a user, given by e-mail address, id or row; ``None`` is the only user of this OsMEN.

    Raises ``PermanentFailure`` where nobody is meant.
    """
    return IntegrationLayer(find_user(user))


def get_integration_status(user: User | UUID | str | None = None) -> dict[str, Any]:
    """What ``/api/status/`` says of a user."""
    return status_of(find_user(user).pk)


class IntegrationLayer(Unified):
    """Everything that one user has connected."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.accounts = Accounts(user)
        self._manager: CalendarManager | None = None

    def get_google_calendar(self, account: str | None = None) -> GoogleCalendarApi:
        """Google Calendar, live. All getters raise what ``Accounts.one`` raises."""
        return cast("GoogleCalendarApi", self.live(Service.CALENDAR, GOOGLE, account))

    def get_google_gmail(self, account: str | None = None) -> GmailApi:
        """Gmail, live."""
        return cast("GmailApi", self.live(Service.MAIL, GOOGLE, account))

    def get_google_contacts(self, account: str | None = None) -> GoogleContactsApi:
        """Google Contacts, live."""
        return cast("GoogleContactsApi", self.live(Service.CONTACTS, GOOGLE, account))

    def get_outlook_calendar(self, account: str | None = None) -> OutlookCalendarApi:
        """Outlook's calendars, live."""
        return cast("OutlookCalendarApi", self.live(Service.CALENDAR, MICROSOFT, account))

    def get_outlook_mail(self, account: str | None = None) -> OutlookMailApi:
        """Outlook's mail, live."""
        return cast("OutlookMailApi", self.live(Service.MAIL, MICROSOFT, account))

    def get_microsoft_contacts(self, account: str | None = None) -> MicrosoftContactsApi:
        """Outlook's contacts, live."""
        return cast("MicrosoftContactsApi", self.live(Service.CONTACTS, MICROSOFT, account))

    def live(self, service: Service, provider: str, account: str | None = None) -> object:
        """Any provider's live client; the getters above are this with a type."""
        connection = self.accounts.one(service, provider, account)
        return connection.provider_spec.live[service](self.accounts.session(connection, service))

    def get_calendar_manager(self) -> CalendarManager:
        """All calendars as one, live. Always the same manager, which knows each account's default calendar."""
        self._manager = self._manager or CalendarManager(self.accounts)
        return self._manager

    def get_integration_status(self) -> dict[str, Any]:
        """What is connected and how fresh it is, from what is stored here: what ``/api/status/`` says."""
        return status_of(self.user.pk)

    def check_google_integration(self) -> dict[str, Any]:
        """Whether each Google service works, asked at Google now, with every problem in words."""
        return probes.check(self.accounts, GOOGLE, configured(GOOGLE))

    def check_microsoft_integration(self) -> dict[str, Any]:
        """The same of Microsoft."""
        return probes.check(self.accounts, MICROSOFT, configured(MICROSOFT))

    def setup_google_oauth(self, client_id: str, client_secret: str) -> OAuthApp:
        """Keep the OAuth app that new Google connections are made with, encrypted.

        Raises ``PermanentFailure`` for credentials that cannot be right, and for a user who is no administrator.
        """
        return self._set_up(GOOGLE, RegisteredClient(client_id, client_secret))

    def setup_microsoft_oauth(self, client_id: str, client_secret: str, tenant_id: str = "common") -> OAuthApp:
        """The same for Microsoft; ``tenant_id`` is ``common`` for accounts of every kind."""
        return self._set_up(MICROSOFT, RegisteredClient(client_id, client_secret, tenant_id))

    def _set_up(self, provider_id: str, given: RegisteredClient) -> OAuthApp:
        app_setup.require_administrator(self.user)
        return app_setup.store(provider_id, given)
