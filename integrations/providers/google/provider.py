"""Google's descriptor: everything that others may know of it. It states and does nothing."""

from __future__ import annotations

from integrations.providers.base import Permission, Provider
from integrations.providers.google import calendar_times, console, push
from integrations.providers.google.calendar import GoogleCalendarClient
from integrations.providers.google.gmail import GmailClient
from integrations.providers.google.guide import GoogleGuide
from integrations.providers.google.live_calendar import GoogleCalendarApi
from integrations.providers.google.live_contacts import GoogleContactsApi
from integrations.providers.google.live_gmail import GmailApi
from integrations.providers.google.oauth import GoogleOAuth
from integrations.providers.google.people import GoogleContactsClient
from integrations.providers.google.pull import PubsubSubscription
from integrations.providers.tariffs import Tariff
from integrations.records import Service

_SCOPE = "https://www.googleapis.com/auth/"
# Gmail API, "Usage limits": projects made before 1 May 2026, and since. Calendar API, "Manage quotas". People API: what
# the console shows for a new project; reads only, writes are few.
_GMAIL = {
    "gmail.users.messages.list": 5,
    "gmail.users.messages.modify": 5,
    "gmail.users.messages.send": 100,
    "gmail.users.history.list": 2,
    "gmail.users.watch": 100,
    "gmail.users.stop": 50,
}
_READS = ("gmail.users.messages.get", "gmail.users.messages.attachments.get")

provider = Provider(
    id="google",
    name="Google",
    endpoints={
        "authorize": "https://accounts.google.com/o/oauth2/v2/auth",
        "token": "https://oauth2.googleapis.com/token",
        "revoke": "https://oauth2.googleapis.com/revoke",
        "userinfo": "https://openidconnect.googleapis.com/v1/userinfo",
        "jwks": "https://www.googleapis.com/oauth2/v3/certs",
        "gmail": "https://gmail.googleapis.com/",
        "calendar": "https://www.googleapis.com/calendar/v3/",
        "people": "https://people.googleapis.com/",
        "pubsub": "https://pubsub.googleapis.com/",
        # An administrator's own: where Gmail's changes are published, in whose name they are pushed, and where and
        # with whose key they are fetched.
        "pubsub_topic": "",
        "pubsub_account": "",
        "pubsub_subscription": "",
        "pubsub_key_file": "",
    },
    identity_scopes=("openid", "email", "profile"),
    offline_scopes=(),  # Google is asked for a refresh token by access_type, not by a scope
    permissions=(
        Permission(
            f"{_SCOPE}gmail.modify",
            Service.MAIL,
            "Read your mail, mark it as read, star, archive and label it, and write and send mail for you",
        ),
        Permission(f"{_SCOPE}calendar.events", Service.CALENDAR, "See, add and change the events in your calendars"),
        Permission(f"{_SCOPE}calendar.calendarlist.readonly", Service.CALENDAR, "See which calendars you have"),
        Permission(f"{_SCOPE}contacts", Service.CONTACTS, "See, add and change your contacts"),
        Permission(
            f"{_SCOPE}contacts.other.readonly",
            Service.CONTACTS,
            "See people you have written to without saving them, to complete addresses",
            required=False,
        ),
    ),
    oauth=GoogleOAuth(),
    clients={
        Service.MAIL: GmailClient,
        Service.CALENDAR: GoogleCalendarClient,
        Service.CONTACTS: GoogleContactsClient,
    },
    live={
        Service.MAIL: GmailApi,
        Service.CALENDAR: GoogleCalendarApi,
        Service.CONTACTS: GoogleContactsApi,
    },
    called={
        Service.MAIL: "Gmail",
        Service.CALENDAR: "Google Calendar",
        Service.CONTACTS: "Google Contacts",
    },
    client_id_form=console.CLIENT_ID_FORM,
    client_id_hint=console.CLIENT_ID_HINT,
    read_client=console.read_client,
    console_url="https://console.cloud.google.com/apis/credentials",
    grants_page="https://myaccount.google.com/connections",
    revokes=True,
    hear=push.hear,
    keeps=PubsubSubscription(),
    guide=GoogleGuide(),
    instance_id=calendar_times.instance_id,
    tariffs={
        "gmail": (
            Tariff(15_000, 1_200_000, prices=_GMAIL | dict.fromkeys(_READS, 5), items={Service.MAIL: 5}),
            Tariff(6_000, 1_200_000, prices=_GMAIL | dict.fromkeys(_READS, 20), items={Service.MAIL: 20}),
        ),
        "calendar": (Tariff(600, 10_000),),
        "people": (Tariff(60, 3_000),),
    },
)
