"""Microsoft's scopes that the sandbox knows: OpenID's four and the delegated permissions of Graph.

Graph scopes may be written bare or with the resource in front; here they are kept bare. Source: Microsoft identity
platform, "Scopes and permissions"; Microsoft Graph permissions reference.
"""

from __future__ import annotations

RESOURCE = "https://graph.microsoft.com/"
DEFAULT = ".default"  # everything that was allowed before
OPENID = {
    "openid": "Sign you in",
    "profile": "See your name",
    "email": "See your e-mail address",
    "offline_access": "Keep access to what you have given it access to",
}
GRAPH = {
    "User.Read": "See your profile",
    "User.ReadBasic.All": "See the names of people in your organisation",
    "Mail.ReadBasic": "See your mail without its text and attachments",
    "Mail.Read": "Read your mail",
    "Mail.ReadWrite": "Read, write, move and delete your mail",
    "Mail.Send": "Send mail as you",
    "MailboxSettings.Read": "See your mailbox settings",
    "MailboxSettings.ReadWrite": "See and change your mailbox settings",
    "Calendars.ReadBasic": "See your events without their text and attachments",
    "Calendars.Read": "See your calendars",
    "Calendars.Read.Shared": "See your calendars and those shared with you",
    "Calendars.ReadWrite": "See and change your calendars",
    "Calendars.ReadWrite.Shared": "See and change your calendars and those shared with you",
    "Contacts.Read": "See your contacts",
    "Contacts.Read.Shared": "See your contacts and those shared with you",
    "Contacts.ReadWrite": "See and change your contacts",
    "Contacts.ReadWrite.Shared": "See and change your contacts and those shared with you",
    "People.Read": "See the people who matter to you",
}
CATALOGUE = OPENID | GRAPH
_BY_LOWER = {name.lower(): name for name in (*CATALOGUE, DEFAULT)}


def canonical(scope: str) -> str | None:
    """The bare name in its own spelling (case does not matter), or None if there is no such scope."""
    text = scope.lower()
    bare = text.removeprefix(RESOURCE)
    name = _BY_LOWER.get(bare)
    return None if name in OPENID and bare != text else name


def parse(text: str) -> tuple[list[str], list[str]]:
    """The known scopes in canonical form, and those that do not exist as they were written, in the order given."""
    names = {scope: canonical(scope) for scope in text.split()}
    known = dict.fromkeys(name for name in names.values() if name is not None)
    return list(known), [scope for scope, name in names.items() if name is None]


def written(scopes: frozenset[str], *, personal: bool) -> str:
    """The ``scope`` of a token answer: work accounts get Graph's scopes with the resource in front, personal ones bare.

    ``offline_access`` is not among them: it is no permission of the access token.
    """
    front = "" if personal else RESOURCE
    return " ".join(
        [*sorted(scopes & OPENID.keys() - {"offline_access"}), *(front + s for s in sorted(scopes & GRAPH.keys()))]
    )
