"""The vault's own keys, for the ledger, fingerprints and second factors: made on first use, encrypted by the key ring.

They are apart from ``SECRET_KEY`` and outlive a rotation, since what they have sealed is sealed for good.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from integrations.models import VaultSecret
from integrations.vault.fields import Plain, open_sealed
from integrations.vault.keyring import KeyUnavailable

LEDGER, FINGERPRINT, SECOND_FACTOR = "ledger", "fingerprint", "second factor"
BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A key and the id that its users write beside what they made with it."""

    id: UUID
    key: bytes = field(repr=False)


def present(purpose: str) -> Secret:
    """The newest one that the present keys can read; a new one where there is none. Raises ``KeyringError``."""
    while True:
        rows = list(VaultSecret.objects.filter(purpose=purpose).order_by("-number"))
        if found := _first(rows):
            return found
        made = VaultSecret(purpose=purpose, number=rows[0].number + 1 if rows else 1)
        made.value = Plain(secrets.token_hex(BYTES))
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            continue  # another process was quicker: use what it made


def all_present(*purposes: str) -> tuple[Secret, ...]:
    """``present`` for several, by one query where they are all there."""
    rows = list(VaultSecret.objects.filter(purpose__in=purposes).order_by("-number"))
    return tuple(_first(row for row in rows if row.purpose == purpose) or present(purpose) for purpose in purposes)


def readable(purpose: str) -> dict[UUID, Secret]:
    """All that can be read, by id, for checking what was made with them."""
    found = (_opened(row) for row in VaultSecret.objects.filter(purpose=purpose))
    return {secret.id: secret for secret in found if secret}


def _first(rows: Iterable[VaultSecret]) -> Secret | None:
    """The first one that the present keys can read."""
    return next(filter(None, map(_opened, rows)), None)


def _opened(row: VaultSecret) -> Secret | None:
    try:
        return Secret(row.pk, bytes.fromhex(open_sealed(row, "value")))
    except KeyUnavailable:
        return None
