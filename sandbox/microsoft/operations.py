"""Every operation of the sandbox's Graph: method, path, the least scope of the permissions reference, handler."""

from __future__ import annotations

from sandbox.microsoft import profile, settings, subscriptions, uploads
from sandbox.microsoft.calendar.operations import CALENDAR
from sandbox.microsoft.contacts.operations import CONTACTS
from sandbox.microsoft.mail.operations import MAIL
from sandbox.microsoft.router import Operation

_ZONES = "me/outlook/supportedTimeZones"
_CATEGORIES = "me/outlook/masterCategories"

OPERATIONS: list[Operation] = [
    Operation("GET", "me", "User.Read", profile.me),
    Operation("GET", "me/photo/$value", "User.Read", profile.photo),
    Operation("GET", "me/mailboxSettings", "MailboxSettings.Read", settings.mailbox_settings),
    Operation("PATCH", "me/mailboxSettings", "MailboxSettings.ReadWrite", settings.update_settings),
    Operation("GET", _ZONES, "User.Read", settings.time_zones),
    Operation("GET", f"{_ZONES}/{{}}", "User.Read", settings.time_zones),
    Operation("GET", _CATEGORIES, "MailboxSettings.Read", settings.categories),
    Operation("POST", _CATEGORIES, "MailboxSettings.ReadWrite", settings.create_category),
    Operation("PATCH", f"{_CATEGORIES}/{{}}", "MailboxSettings.ReadWrite", settings.update_category),
    Operation("DELETE", f"{_CATEGORIES}/{{}}", "MailboxSettings.ReadWrite", settings.remove_category),
    Operation("POST", "me/translateExchangeIds", "User.ReadBasic.All", settings.translate_ids),
    Operation("GET", "subscriptions", "", subscriptions.index),
    Operation("POST", "subscriptions", "", subscriptions.create),
    Operation("GET", "subscriptions/{}", "", subscriptions.get),
    Operation("PATCH", "subscriptions/{}", "", subscriptions.renew),
    Operation("DELETE", "subscriptions/{}", "", subscriptions.remove),
    Operation("POST", "subscriptions/{}/reauthorize", "", subscriptions.reauthorize),
    Operation("POST", "me/messages/{}/attachments/createUploadSession", "Mail.ReadWrite", uploads.for_message),
    Operation("POST", "me/events/{}/attachments/createUploadSession", "Calendars.ReadWrite", uploads.for_event),
    *MAIL,
    *CALENDAR,
    *CONTACTS,
]
