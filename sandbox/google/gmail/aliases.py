"""users.settings.sendAs: the addresses that an account may send from, with their names and signatures."""

from __future__ import annotations

import json
from typing import Any

from sandbox.accounts import Account
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.gmail.users import mailbox_of
from sandbox.store import Store

_CHANGEABLE = ("displayName", "replyToAddress", "signature", "isDefault", "treatAsAlias", "smtpMsa")


def _all(store: Store, account: Account) -> dict[str, dict[str, Any]]:
    """Every alias by its address in lower case; the account's own comes first."""
    own: dict[str, Any] = {
        "sendAsEmail": account.email,
        "displayName": account.name,
        "replyToAddress": "",
        "signature": "",
        "isPrimary": True,
        "isDefault": True,
    }
    found = {account.email.lower(): own}
    for row in store.rows("SELECT * FROM gmail_alias WHERE account_id = ? ORDER BY email", account.id):
        found[row["email"].lower()] = found.get(row["email"].lower(), {}) | json.loads(row["settings"])
    if any(a.get("isDefault") for a in found.values() if not a.get("isPrimary")):
        own_now = found[account.email.lower()]
        found[account.email.lower()] = {k: v for k, v in own_now.items() if k != "isDefault"}
    return found


def allowed_senders(store: Store, account: Account) -> set[str]:
    """The addresses that may stand in From."""
    return {a for a, s in _all(store, account).items() if s.get("verificationStatus", "accepted") == "accepted"}


def display_name(store: Store, account: Account) -> str:
    """The name that goes with the account's own address."""
    return str(_all(store, account)[account.email.lower()].get("displayName", ""))


def _find(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    found = _all(call.store, call.account).get(call.path["sendAsEmail"].lower())
    if found is None:
        raise not_found()
    return found


def _save(call: Call, settings: dict[str, Any]) -> dict[str, Any]:
    email = settings["sendAsEmail"]
    with call.store.write() as db:
        if settings.get("isDefault"):
            for other, kept in _all(call.store, call.account).items():
                if other != email.lower() and not kept.get("isPrimary"):
                    kept.pop("isDefault", None)
                    db.execute(
                        "UPDATE gmail_alias SET settings = ? WHERE account_id = ? AND email = ?",
                        (json.dumps(kept), call.account.id, other),
                    )
        db.execute(
            "INSERT INTO gmail_alias VALUES (?, ?, ?)"
            " ON CONFLICT (account_id, email) DO UPDATE SET settings = excluded.settings",
            (call.account.id, email, json.dumps(settings)),
        )
    return _all(call.store, call.account)[email.lower()]


def list_(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    return {"sendAs": list(_all(call.store, call.account).values())}


def get(call: Call) -> dict[str, Any]:
    return _find(call)


def create(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    email = (call.body.get("sendAsEmail") or "").strip()
    if "@" not in email:
        raise invalid_argument("Invalid sendAsEmail")
    if email.lower() in _all(call.store, call.account):
        raise GoogleError(409, "alreadyExists", "Requested entity already exists")
    given = {k: call.body[k] for k in _CHANGEABLE if call.body.get(k) is not None}
    return _save(call, {"sendAsEmail": email, "verificationStatus": "pending"} | given)


def verify(call: Call) -> None:
    """Gmail would write to the address; in the sandbox its owner confirms at once."""
    settings = _find(call)
    if settings.get("isPrimary"):
        raise invalid_argument("The primary address needs no verification")
    _save(call, settings | {"verificationStatus": "accepted"})


def patch(call: Call) -> dict[str, Any]:
    given = {k: call.body[k] for k in _CHANGEABLE if call.body.get(k) is not None}
    return _save(call, _find(call) | given)


def update(call: Call) -> dict[str, Any]:
    kept = {k: v for k, v in _find(call).items() if k not in ("signature", "displayName", "replyToAddress")}
    given = {k: call.body[k] for k in _CHANGEABLE if call.body.get(k) is not None}
    return _save(call, {"signature": "", "displayName": "", "replyToAddress": ""} | kept | given)


def delete(call: Call) -> None:
    settings = _find(call)
    if settings.get("isPrimary"):
        raise invalid_argument("Cannot delete primary address")
    with call.store.write() as db:
        db.execute(
            "DELETE FROM gmail_alias WHERE account_id = ? AND email = ?", (call.account.id, settings["sendAsEmail"])
        )


TABLE = {
    "gmail.users.settings.sendAs.list": Row(list_, 1, 1),
    "gmail.users.settings.sendAs.get": Row(get, 1, 1),
    "gmail.users.settings.sendAs.create": Row(create, 100, 100),
    "gmail.users.settings.sendAs.verify": Row(verify, 100, 100),
    "gmail.users.settings.sendAs.patch": Row(patch, 100, 100),
    "gmail.users.settings.sendAs.update": Row(update, 100, 100),
    "gmail.users.settings.sendAs.delete": Row(delete, 5, 5),
}
