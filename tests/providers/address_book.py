"""What the tests of both vendors' contacts share: accounts of their own with people in them, and edits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from integrations.providers.base import ContactsClient
from integrations.records import ChangeRecord, ContactRecord, Operation, Page
from tests.providers.sandbox_process import Connected, SandboxProcess

ADA = {
    "name": "Ada Lund",
    "given_name": "Ada",
    "family_name": "Lund",
    "nickname": "Addie",
    "emails": [["ada@fabrikam.example", "work"], ["ada@home.example", "home"]],
    "phones": [["+46 8 1", "work"], ["+46 70 2", "mobile"]],
    "addresses": [["Storgatan 1", "home"]],
    "organization": "Fabrikam",
    "job_title": "Smith",
    "birthday": "1980-02-29",
    "notes": "Plays the viola.",
    "groups": ["Friends"],
}


def account(
    sandbox: SandboxProcess, provider: str, *people: dict[str, Any], without: tuple[str, ...] = ()
) -> Connected:
    """An account of the test's own with these people, connected."""
    who = {"provider": provider, "email": f"{uuid4().hex[:12]}@{provider}.example"}
    sandbox.control("seed", accounts=[who], contacts=[{**who, **person} for person in people])
    return sandbox.connect(provider, who["email"], without=without)


def client(of: Connected) -> ContactsClient:
    scopes = frozenset(str(of.answer["scope"]).split())
    return of.provider.contacts(replace(of.session, scopes=scopes))


def pages(of: Connected, cursor: str | None = None, at: int = 0) -> list[Page[ContactRecord]]:
    """All pages of one of the account's collections."""
    return list(client(of).sync(client(of).discover().collections[at], cursor))


def everybody(of: Connected, at: int = 0) -> list[ContactRecord]:
    return [record for page in pages(of, at=at) for record in page.changed]


def create(of: Connected, *, repeated: bool = False, **fields: object) -> ContactRecord:
    change = ChangeRecord("k", Operation.CONTACT_CREATE, "new:1", {"fields": fields}, "", repeated)
    (made,) = client(of).apply(change)
    return made


def update(of: Connected, record: ContactRecord, **fields: object) -> ContactRecord:
    """Edit what ``record`` says."""
    was = {name: plain(getattr(record, name)) for name in fields}
    change = ChangeRecord("k", Operation.CONTACT_UPDATE, record.id, {"fields": fields, "was": was})
    (made,) = client(of).apply(change)
    return made


def delete(of: Connected, contact_id: str) -> None:
    assert client(of).apply(ChangeRecord("k", Operation.CONTACT_DELETE, contact_id, {})) == ()


def plain(value: object) -> object:
    return [[v.value, v.label] for v in value] if isinstance(value, tuple) else value
