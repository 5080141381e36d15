"""Checking the ledger: every chain from its first row to its head. Finds a changed, removed, added or cut-off row.

A head could be put back together with its rows by whoever restores an older table; heads that were exported before
(``ledger export --heads``) show that as well. Memory is bounded by one connection's chain at a time.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from integrations.models import Connection, LedgerEntry, LedgerHead
from integrations.vault import ledger, secrets


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold, in words. ``number`` is the row's, 0 for the chain as a whole."""

    connection_key: str
    account: str
    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and what was found."""

    connections: int
    rows: int
    findings: tuple[Finding, ...]


def check(known_heads: Mapping[str, Mapping[str, Any]] | None = None) -> Report:
    """Check everything. ``known_heads`` are heads that were exported earlier, by connection."""
    keys = secrets.readable(secrets.LEDGER)
    heads = {head.pk: head for head in LedgerHead.objects.all()}
    with_rows = LedgerEntry.objects.order_by().values_list("connection_key", flat=True).distinct()
    alive = dict(Connection.objects.values_list("pk", "email"))
    findings: list[Finding] = []
    rows = 0
    everybody = sorted({*heads, *with_rows, *alive, *(UUID(key) for key in known_heads or ())})
    for key in everybody:
        head = heads.get(key)
        chain = list(LedgerEntry.objects.filter(connection_key=key).order_by("number"))
        rows += len(chain)
        account = head.account if head else chain[0].account if chain else alive.get(key, "")
        for number, problem in _problems(key in alive, head, chain, keys, (known_heads or {}).get(str(key))):
            findings.append(Finding(str(key), account, number, problem))
    return Report(len(everybody), rows, tuple(findings))


def _problems(
    alive: bool,
    head: LedgerHead | None,
    chain: list[LedgerEntry],
    keys: Mapping[UUID, secrets.Secret],
    known: Mapping[str, Any] | None,
) -> Iterator[tuple[int, str]]:
    yield from _rows(chain, keys)
    if head is None:
        yield 0, "the head of the chain is missing"
        return
    secret = keys.get(head.sealed_with) if head.sealed_with else None
    if secret is None:
        yield 0, "the head cannot be checked with the present keys"
    elif not hmac.compare_digest(head.seal, ledger.seal(secret.key, head.sealed_content())):
        yield 0, "the head was changed"
    last = chain[-1].number if chain else 0
    if last < head.number:
        yield head.number, f"the chain ends at row {last}, its head says {head.number}: rows were cut off"
    elif last > head.number:
        yield last, f"there are rows after row {head.number}, where the head says that the chain ends"
    elif chain and chain[-1].seal != head.last_seal:
        yield last, "the last row is not the one that the head was sealed with"
    if not alive and not head.closed:
        yield 0, "the connection is gone, but its chain was not closed"
    if known is not None:
        yield from _against(known, head, chain)


def _rows(chain: list[LedgerEntry], keys: Mapping[UUID, secrets.Secret]) -> Iterator[tuple[int, str]]:
    """Each row against its own seal and its place. A broken place is said once: what follows is checked on its own."""
    previous, expected = "", 1
    for entry in chain:
        if entry.number != expected:
            missing = f"row {expected}" if entry.number == expected + 1 else f"rows {expected} to {entry.number - 1}"
            yield expected, f"{missing} removed"
        secret = keys.get(entry.sealed_with)
        if secret is None:
            yield entry.number, "cannot be checked with the present keys"
        elif entry.number == expected and not hmac.compare_digest(
            entry.seal, ledger.seal(secret.key, [previous, *entry.sealed_content()])
        ):
            yield entry.number, "was changed, or is not what was written after the row before it"
        previous, expected = entry.seal, entry.number + 1


def _against(known: Mapping[str, Any], head: LedgerHead, chain: list[LedgerEntry]) -> Iterator[tuple[int, str]]:
    number = int(known["number"])
    if head.number < number:
        yield number, f"an exported head says {number} rows, there are {head.number}: an older ledger was put back"
        return
    row = next((entry for entry in chain if entry.number == number), None)
    if row is not None and row.seal != known["last_seal"]:
        yield number, "is not the row that an exported head names: the chain was written anew"
