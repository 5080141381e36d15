"""Microsoft, as the rest of OsMEN knows it: addresses, permissions and clients. It does nothing itself."""

from __future__ import annotations

from integrations.providers.base import Permission, Provider
from integrations.providers.microsoft import push
from integrations.providers.microsoft.calendar import OutlookCalendar
from integrations.providers.microsoft.contacts import OutlookContacts
from integrations.providers.microsoft.guide import MicrosoftGuide
from integrations.providers.microsoft.live_calendar import OutlookCalendarApi
from integrations.providers.microsoft.live_contacts import MicrosoftContactsApi
from integrations.providers.microsoft.live_mail import OutlookMailApi
from integrations.providers.microsoft.mail import OutlookMail
from integrations.providers.microsoft.oauth import RESOURCE, MicrosoftOAuth
from integrations.providers.tariffs import Tariff
from integrations.records import Service

provider = Provider(
    id="microsoft",
    name="Microsoft",
    endpoints={
        "authority": "https://login.microsoftonline.com",
        "authorize": "{authority}/{tenant}/oauth2/v2.0/authorize",
        "token": "{authority}/{tenant}/oauth2/v2.0/token",
        "jwks": "{authority}/{tenant}/discovery/v2.0/keys",
        "userinfo": "https://graph.microsoft.com/oidc/userinfo",
        "graph": "https://graph.microsoft.com/v1.0",
    },
    identity_scopes=("openid", "email", "profile"),
    offline_scopes=("offline_access",),
    permissions=(
        Permission("User.Read", None, "See your name and e-mail address"),
        Permission("Mail.ReadWrite", Service.MAIL, "Read your mail, mark it, move it and write drafts"),
        Permission("Mail.Send", Service.MAIL, "Send mail that you wrote", required=False),
        Permission("Calendars.ReadWrite", Service.CALENDAR, "See and change your calendars"),
        Permission("MailboxSettings.Read", Service.CALENDAR, "See your time zone and working hours", required=False),
        Permission("Contacts.ReadWrite", Service.CONTACTS, "See and change your contacts"),
    ),
    oauth=MicrosoftOAuth(),
    clients={Service.MAIL: OutlookMail, Service.CALENDAR: OutlookCalendar, Service.CONTACTS: OutlookContacts},
    live={
        Service.MAIL: OutlookMailApi,
        Service.CALENDAR: OutlookCalendarApi,
        Service.CONTACTS: MicrosoftContactsApi,
    },
    called={
        Service.MAIL: "Outlook mail",
        Service.CALENDAR: "Outlook calendar",
        Service.CONTACTS: "Outlook contacts",
    },
    client_id_form=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    client_id_hint="the “Application (client) ID”, such as 11111111-2222-3333-4444-555555555555",
    console_url="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    grants_page="https://account.live.com/consent/Manage",
    revokes=False,
    scope_prefix=RESOURCE,
    # Microsoft Graph, "service-specific throttling limits" (Outlook): an app and a mailbox, in ten minutes.
    hear=push.hear,
    guide=MicrosoftGuide(),
    tariffs={"graph": (Tariff(10_000, 7_800_000, seconds=600.0),)},
)
