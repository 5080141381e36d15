"""Writing the ledger: what happened to a connection, and why, each row sealed to the one before it.

Checking the chain is left to ``ledger_check``, counting uses to ``usage``, reading to the pages and the admin.
"""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from integrations import signals
from integrations.models import Connection, LedgerEntry, LedgerHead
from integrations.models.ledger import Happening
from integrations.vault import bulk, secrets

# The columns that are written: a row's number in the table is the database's, a head's key comes first.
_ENTRY = tuple(field.attname for field in LedgerEntry._meta.concrete_fields if not field.primary_key)
_HEAD = tuple(field.attname for field in LedgerHead._meta.concrete_fields)
# As json.dumps would, which makes an encoder for each call.
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that is to be appended. ``detail`` is a plain sentence; no text of a token may be in any of them."""

    connection_id: UUID
    account: str
    what: Happening
    detail: str = ""
    code: str = ""
    fingerprint: str = ""
    actor: str = ""
    purpose: str = ""
    service: str = ""
    count: int = 1
    hour: datetime | None = None

    @classmethod
    def about(
        cls,
        connection: Connection,
        what: Happening,
        *,
        detail: str = "",
        code: str = "",
        fingerprint: str = "",
        actor: str = "",
    ) -> Draft:
        """A row about a connection."""
        return cls(connection.pk, account_of(connection), what, detail, code, fingerprint, actor)


def account_of(connection: Connection) -> str:
    """What the ledger calls a connection, also when it is gone."""
    return f"{connection.provider_spec.name} {connection.email}"[:300]


def record(
    connection: Connection,
    what: Happening,
    *,
    detail: str = "",
    code: str = "",
    fingerprint: str = "",
    actor: str = "",
) -> None:
    """Append one row. ``actor`` is the address of the person here who did it, if one did."""
    append([Draft.about(connection, what, detail=detail, code=code, fingerprint=fingerprint, actor=actor)])


@transaction.atomic
def append(drafts: Sequence[Draft], *, closing: bool = False) -> None:
    """Append rows in this order, each under its connection's chain. ``closing`` leaves the heads as tombstones."""
    if not drafts:
        return
    secret = secrets.present(secrets.LEDGER)
    heads = _locked({draft.connection_id for draft in drafts})
    entries = []
    for draft in drafts:
        head = heads[draft.connection_id]
        entry = LedgerEntry(
            connection_id=None if closing else draft.connection_id,
            connection_key=draft.connection_id,
            number=head.number + 1,
            account=draft.account,
            what=draft.what,
            detail=draft.detail[:300],
            code=draft.code[:100],
            fingerprint=draft.fingerprint,
            actor=draft.actor,
            purpose=draft.purpose,
            service=draft.service,
            count=draft.count,
            hour=draft.hour,
            sealed_with=secret.id,
        )
        entry.seal = seal(secret.key, [head.last_seal, *entry.sealed_content()])
        entries.append(entry)
        head.account, head.number, head.last_seal = entry.account, entry.number, entry.seal
        head.closed = closing
    for head in heads.values():
        head.sealed_with = secret.id
        head.seal = seal(secret.key, head.sealed_content())
    bulk.insert(LedgerEntry, [_row(entry, _ENTRY) for entry in entries])
    bulk.update(LedgerHead, [_row(head, _HEAD) for head in heads.values()])
    for entry in entries:
        signals.announce(entry)


def _locked(keys: Iterable[UUID]) -> dict[UUID, LedgerHead]:
    """The heads of these chains under row locks, always taken in one order; new ones begin empty."""
    wanted = sorted(keys)
    rows = LedgerHead.objects.select_for_update().filter(pk__in=wanted).order_by("pk").only("number", "last_seal")
    found = {head.pk: head for head in rows}
    if missing := [key for key in wanted if key not in found]:
        LedgerHead.objects.bulk_create([LedgerHead(pk=key) for key in missing], ignore_conflicts=True)
        found |= {head.pk: head for head in rows.filter(pk__in=missing)}
    return found


def seal(key: bytes, content: list[str]) -> str:
    """The keyed hash of a row's content."""
    return hmac.digest(key, _canonical(content).encode(), "sha256").hex()


def _row(written: LedgerEntry | LedgerHead, columns: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(written, name) for name in columns}


def by_connection(entries: Iterable[LedgerEntry]) -> dict[UUID, list[LedgerEntry]]:
    """Rows grouped by the connection that they are about."""
    grouped: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.connection_key].append(entry)
    return grouped
