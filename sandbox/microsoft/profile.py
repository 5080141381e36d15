"""GET /me: who the signed-in user is."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError
from sandbox.microsoft.odata import Entity, check, shape

USER = Entity(
    "user",
    frozenset(
        [
            "businessPhones",
            "displayName",
            "givenName",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName",
            "id",
        ]
    ),
    asked=frozenset({"userType", "accountEnabled", "otherMails", "proxyAddresses", "mailNickname"}),
)


def me(call: Call) -> Answer:
    """GET /me."""
    check(call, "$select", "$expand")
    account = call.account
    given, _, surname = account.name.rpartition(" ")
    user: dict[str, Any] = {
        "businessPhones": [],
        "displayName": account.name,
        "givenName": given or account.name,
        "jobTitle": None,
        "mail": account.email,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-GB",
        "surname": surname if given else None,
        "userPrincipalName": account.email,
        "id": account.subject,
        "userType": "Member",
        "accountEnabled": True,
        "otherMails": [],
        "proxyAddresses": [f"SMTP:{account.email}"],
        "mailNickname": account.email.partition("@")[0],
    }
    context = f"{call.root}/$metadata#users/$entity"
    return Answer(body={"@odata.context": context, **shape(call, USER).cut(user)})


def photo(call: Call) -> Answer:
    """GET /me/photo/$value: nobody here has one."""
    raise GraphError(404, "ImageNotFound", "The photo wasn't found.")
