"""Google's OAuth scopes that the sandbox knows, with the words that its consent page uses for them.

Which call needs which scope is left to the APIs. Names: developers.google.com/identity/protocols/oauth2/scopes.
"""

from __future__ import annotations

EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
IDENTITY = {
    "openid": "Know who you are",
    EMAIL: "See your e-mail address",
    PROFILE: "See your name",
}
_SHORT = {"email": EMAIL, "profile": PROFILE}
_AUTH = "https://www.googleapis.com/auth/"
_GMAIL = {
    "https://mail.google.com/": "Read, send and permanently delete all your mail",
    "gmail.readonly": "Read your mail and its settings",
    "gmail.metadata": "See the headers and labels of your mail, not its text",
    "gmail.modify": "Read, write, send and sort your mail",
    "gmail.send": "Send mail as you",
    "gmail.compose": "Write drafts and send mail as you",
    "gmail.insert": "Put mail into your mailbox",
    "gmail.labels": "See and change your mail labels",
    "gmail.settings.basic": "See and change your mail settings and filters",
    "gmail.settings.sharing": "Change who can use your mailbox",
}
_CALENDAR = {
    "calendar": "See, change, share and delete all your calendars",
    "calendar.readonly": "See all your calendars",
    "calendar.events": "See and change events on all your calendars",
    "calendar.events.readonly": "See events on all your calendars",
    "calendar.events.owned": "See and change events on calendars that you own",
    "calendar.events.owned.readonly": "See events on calendars that you own",
    "calendar.events.public.readonly": "See events on public calendars",
    "calendar.events.freebusy": "See when you are free on calendars you can open",
    "calendar.freebusy": "See when you are free",
    "calendar.calendarlist": "See and change which calendars are in your list",
    "calendar.calendarlist.readonly": "See which calendars are in your list",
    "calendar.calendars": "See and change the properties of your calendars, and make new ones",
    "calendar.calendars.readonly": "See the title, time zone and other properties of your calendars",
    "calendar.acls": "See and change who may use the calendars that you own",
    "calendar.acls.readonly": "See who may use the calendars that you own",
    "calendar.settings.readonly": "See your calendar settings",
    "calendar.app.created": "Make calendars of its own and change the events on them",
}
_PEOPLE = {
    "contacts": "See, change and delete your contacts",
    "contacts.readonly": "See your contacts",
    "contacts.other.readonly": "See people you have written to",
    "directory.readonly": "See the directory of your organisation",
    "user.addresses.read": "See your addresses",
    "user.birthday.read": "See your birthday",
    "user.emails.read": "See all your e-mail addresses",
    "user.gender.read": "See your gender",
    "user.organization.read": "See where you work",
    "user.phonenumbers.read": "See your telephone numbers",
}
CATALOGUE: dict[str, str] = IDENTITY | {
    name if name.startswith("https:") else _AUTH + name: words for name, words in (_GMAIL | _CALENDAR | _PEOPLE).items()
}


def canonical(scope: str) -> str:
    """The scope as token answers write it: the short names of e-mail and profile become addresses."""
    return _SHORT.get(scope, scope)


def parse(text: str) -> tuple[list[str], list[str]]:
    """The known scopes of a request in canonical form, and those that do not exist, both in the order given."""
    known: list[str] = []
    unknown: list[str] = []
    for scope in text.split():
        name = canonical(scope)
        where = known if name in CATALOGUE else unknown
        if name not in where:
            where.append(name)
    return known, unknown


def touches_mail(scopes: frozenset[str]) -> bool:
    """Whether a token with these scopes dies when the password changes (it carries Gmail scopes)."""
    return any(scope.startswith(_AUTH + "gmail.") or scope == "https://mail.google.com/" for scope in scopes)
