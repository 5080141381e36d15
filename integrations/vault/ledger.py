"""Writing the ledger: what happened to a connection, and why, each row sealed to the one before it.

Checking the chain is left to ``ledger_check``, counting uses to ``usage``, reading to the pages and the admin.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone

from integrations import signals
from integrations.models import Connection, LedgerEntry, LedgerHead
from integrations.models.ledger import Happening, entry_content, head_content
from integrations.vault import bulk, secrets

# A row by its columns: a renewal in a batch must not cost what an object with its fields does.
Row = dict[str, Any]


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


@transaction.atomic(savepoint=False)
def append(drafts: Sequence[Draft], *, closing: bool = False, secret: secrets.Secret | None = None) -> None:
    """Append rows in this order, each under its connection's chain. ``closing`` leaves the heads as tombstones.

    ``secret`` is the present one of the ledger, from a caller who has it.
    """
    if not drafts:
        return
    secret = secret or secrets.present(secrets.LEDGER)
    heads = _locked({draft.connection_id for draft in drafts})
    now = timezone.now()
    entries = []
    for draft in drafts:
        head = heads[draft.connection_id]
        entry = {
            "connection_id": None if closing else draft.connection_id,
            "connection_key": draft.connection_id,
            "number": head["number"] + 1,
            "account": draft.account,
            "what": draft.what.value,
            "detail": draft.detail[:300],
            "code": draft.code[:100],
            "fingerprint": draft.fingerprint,
            "actor": draft.actor,
            "purpose": draft.purpose,
            "service": draft.service,
            "count": draft.count,
            "hour": draft.hour,
            "at": now,
            "sealed_with": secret.id,
        }
        entry["seal"] = seal(secret.key, [head["last_seal"], *entry_content(entry)])
        entries.append(entry)
        head |= {"account": draft.account, "number": entry["number"], "last_seal": entry["seal"], "closed": closing}
    for head in heads.values():
        head |= {"sealed_with": secret.id, "seal": seal(secret.key, head_content(head))}
    bulk.insert(LedgerEntry, entries)
    bulk.update(LedgerHead, list(heads.values()))
    for draft in drafts:
        signals.announce(draft.what, draft.connection_id, draft.account, draft.detail[:300], draft.code[:100])


def _locked(keys: Iterable[UUID]) -> dict[UUID, Row]:
    """The heads of these chains under row locks, always taken in one order; new ones begin empty."""
    names = ("connection_key", "number", "last_seal")
    wanted = sorted(keys)
    found: dict[UUID, Row] = {
        row[0]: dict(zip(names, row, strict=True)) for row in bulk.locked(LedgerHead, wanted, names)
    }
    if missing := [key for key in wanted if key not in found]:
        LedgerHead.objects.bulk_create([LedgerHead(pk=key) for key in missing], ignore_conflicts=True)
        found |= {row[0]: dict(zip(names, row, strict=True)) for row in bulk.locked(LedgerHead, missing, names)}
    return found


def seal(key: bytes, content: list[str]) -> str:
    """The keyed hash of a row's content."""
    return hmac.digest(key, orjson.dumps(content), "sha256").hex()


def by_connection(entries: Iterable[LedgerEntry]) -> dict[UUID, list[LedgerEntry]]:
    """Rows grouped by the connection that they are about."""
    grouped: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.connection_key].append(entry)
    return grouped
