"""Checking the ledger: every chain from its first row to its head. Finds a changed, removed, added or cut-off row.

A head could be put back together with its rows by whoever restores an older table; heads that were exported before
(``ledger export --heads``) show that as well. Everything is read as it is checked, so that years of rows need no more
memory than a day of them, and OsMEN may go on writing meanwhile.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models, transaction

from integrations.models import Connection, LedgerEntry, LedgerHead
from integrations.vault import ledger, secrets

# Connections whose heads are read at once.
BATCH = 500
Keys = Mapping[UUID, secrets.Secret]
# A row's number, 0 for the chain as a whole, and what does not hold.
Problem = tuple[int, str]


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


@dataclass(slots=True)
class _Chain:
    """What is remembered of a chain while its rows pass: where it ends, and the seal that a known head names."""

    known: Mapping[str, Any] | None
    rows: int = 0
    account: str = ""
    number: int = 0
    seal: str = ""
    seal_known: str | None = None
    problems: list[Problem] = field(default_factory=list)


def check(known_heads: Mapping[str, Mapping[str, Any]] | None = None) -> Report:
    """Check everything. ``known_heads`` are heads that were exported earlier, by connection."""
    keys = secrets.readable(secrets.LEDGER)
    known = {UUID(key): head for key, head in (known_heads or {}).items()}
    findings: list[Finding] = []
    connections = rows = 0
    for batch in _everybody(known):
        heads = LedgerHead.objects.in_bulk(batch)
        alive = dict(Connection.objects.filter(pk__in=batch).values_list("pk", "email"))
        for key in batch:
            chain = _chain(key, heads.get(key), alive.get(key), keys, known.get(key))
            if chain.problems:
                chain = _again(key, keys, known.get(key))
            connections, rows = connections + 1, rows + chain.rows
            findings += [Finding(str(key), chain.account, number, problem) for number, problem in chain.problems]
    return Report(connections, rows, tuple(findings))


def _everybody(known: Iterable[UUID]) -> Iterator[list[UUID]]:
    """The keys of all connections of which there is anything, in order, so many at a time."""
    asked = sorted(known)
    tables: tuple[tuple[type[models.Model], str], ...] = (
        (LedgerHead, "connection_key"),
        (LedgerEntry, "connection_key"),
        (Connection, "id"),
    )
    last = UUID(int=0)
    while True:
        found = set([key for key in asked if key > last][:BATCH])
        for model, column in tables:
            rows = model._base_manager.filter(**{f"{column}__gt": last}).order_by(column)
            found.update(rows.values_list(column, flat=True).distinct()[:BATCH])
        batch = sorted(found)[:BATCH]
        if not batch:
            return
        yield batch
        last = batch[-1]


@transaction.atomic
def _again(key: UUID, keys: Keys, known: Mapping[str, Any] | None) -> _Chain:
    """Check a chain under its head's lock, as nobody appends to it then: the problem may have been a row on its way."""
    head = LedgerHead.objects.select_for_update().filter(pk=key).first()
    alive = Connection.objects.filter(pk=key).values_list("email", flat=True).first()
    return _chain(key, head, alive, keys, known)


def _chain(
    key: UUID, head: LedgerHead | None, alive: str | None, keys: Keys, known: Mapping[str, Any] | None
) -> _Chain:
    """Check one chain. ``alive`` is its connection's address, while there is one."""
    chain = _Chain(known)
    entries = LedgerEntry.objects.filter(connection_key=key).order_by("number").iterator(chunk_size=1000)
    chain.problems += _rows(entries, chain, keys)
    chain.problems += _end(head, chain, keys, alive is not None)
    chain.account = head.account if head else chain.account or alive or ""
    return chain


def _rows(entries: Iterable[LedgerEntry], chain: _Chain, keys: Keys) -> Iterator[Problem]:
    """Each row against its own seal and its place. A broken place is said once: what follows is checked on its own.

    So are rows one after the other that no present key can check.
    """
    unread = 0
    for entry in entries:
        expected = chain.number + 1
        secret = keys.get(entry.sealed_with)
        if unread and (secret is not None or entry.number != expected):
            yield _unread(unread, chain.number)
            unread = 0
        if entry.number != expected:
            missing = f"row {expected}" if entry.number == expected + 1 else f"rows {expected} to {entry.number - 1}"
            yield expected, f"{missing} removed"
        if secret is None:
            unread = unread or entry.number
        elif entry.number == expected and not _sealed(secret, entry.seal, [chain.seal, *entry.sealed_content()]):
            yield entry.number, "was changed, or is not what was written after the row before it"
        chain.rows += 1
        chain.account = chain.account or entry.account
        chain.number, chain.seal = entry.number, entry.seal
        if chain.known is not None and entry.number == int(chain.known["number"]):
            chain.seal_known = entry.seal
    if unread:
        yield _unread(unread, chain.number)


def _unread(first: int, last: int) -> Problem:
    those = f", nor can the rows up to {last}" if last > first else ""
    return first, f"cannot be checked with the present keys{those}"


def _sealed(secret: secrets.Secret, seal: str, content: list[str]) -> bool:
    return hmac.compare_digest(seal, ledger.seal(secret.key, content))


def _end(head: LedgerHead | None, chain: _Chain, keys: Keys, alive: bool) -> Iterator[Problem]:
    """The chain's head, against itself and against the rows."""
    if head is None:
        yield 0, "the head of the chain is missing"
        return
    secret = keys.get(head.sealed_with) if head.sealed_with else None
    if secret is None:
        yield 0, "the head cannot be checked with the present keys"
    elif not _sealed(secret, head.seal, head.sealed_content()):
        yield 0, "the head was changed"
    if chain.number < head.number:
        yield head.number, f"the chain ends at row {chain.number}, its head says {head.number}: rows were cut off"
    elif chain.number > head.number:
        yield chain.number, f"there are rows after row {head.number}, where the head says that the chain ends"
    elif chain.rows and chain.seal != head.last_seal:
        yield chain.number, "the last row is not the one that the head was sealed with"
    if not alive and not head.closed:
        yield 0, "the connection is gone, but its chain was not closed"
    if chain.known is not None:
        yield from _against(chain.known, head, chain)


def _against(known: Mapping[str, Any], head: LedgerHead, chain: _Chain) -> Iterator[Problem]:
    """An earlier head: what it names must still be there."""
    number = int(known["number"])
    if head.number < number:
        yield number, f"an exported head says {number} rows, there are {head.number}: an older ledger was put back"
    elif chain.seal_known is not None and chain.seal_known != known["last_seal"]:
        yield number, "is not the row that an exported head names: the chain was written anew"
