"""Rotating the key ring while everything runs: which rows need which key, and encrypting them anew in batches.

Progress is a query on the key id columns, so that a rotation that was broken off goes on where it was. Changing the
ring itself is left to ``keyset`` and ``keysource``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count

from integrations.models import Connection, Grant
from integrations.models.ledger import Happening
from integrations.vault import keyring, ledger, lifecycle
from integrations.vault.fields import EncryptedField, open_sealed

BATCH = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One encrypted field of one model."""

    model: type[models.Model]
    field: EncryptedField

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field.name}"

    @property
    def rows(self) -> models.QuerySet[Any]:
        """The rows that hold a value."""
        return self.model._base_manager.filter(**{f"{self.field.key_column}__isnull": False})


@dataclass(slots=True)
class Progress:
    """How far a rotation is. ``unreadable`` rows are encrypted with a key that is not in the ring: left as they are."""

    done: int
    total: int
    unreadable: int = 0


def columns() -> Iterator[Column]:
    """Every encrypted field that there is."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedField):
                yield Column(model, field)


def uses() -> dict[int, Counter[str]]:
    """How many rows need each key, by column. A key that is not in the ring is here too when a row needs it."""
    found: dict[int, Counter[str]] = {}
    for column in columns():
        key = column.field.key_column
        for key_id, count in column.rows.values_list(key).annotate(Count("pk")).order_by():
            found.setdefault(key_id, Counter())[column.name] = count
    return found


def remaining() -> int:
    """How many values are not encrypted with the primary key."""
    primary = keyring.primary_key_id()
    return sum(column.rows.exclude(**{column.field.key_column: primary}).count() for column in columns())


def run(tell: Callable[[Progress], None] = lambda _: None) -> Progress:
    """Encrypt every value that is not with the primary key, batch by batch; ``tell`` hears after each batch."""
    progress = Progress(0, remaining())
    for column in columns():
        last: object = None
        while batch := _batch(column, last, progress):
            last = batch
            tell(progress)
    return progress


@transaction.atomic
def _batch(column: Column, after: object, progress: Progress) -> object:
    """Encrypt the next rows; answers the last row's key, None when there are none. Connections are locked first.

    Under row locks (on SQLite under the write lock): a refresh that saves at the same time waits, so that the token it
    brings is never overwritten by the one before.
    """
    primary = keyring.primary_key_id()
    rows = column.rows.exclude(**{column.field.key_column: primary}).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    if column.model is Grant:
        lifecycle.lock_all(list(Connection.objects.filter(pk__in=keys)))
    renewed: list[models.Model] = []
    for row in rows.filter(pk__in=keys).select_for_update():
        if encrypt_again(row, column.field):
            renewed.append(row)
            progress.done += 1
        else:
            progress.unreadable += 1
    if column.model is Grant and column.field.name == "refresh_token":
        _tell_ledger(renewed, primary)
    return keys[-1] if keys else None


def encrypt_again(row: models.Model, field: EncryptedField) -> bool:
    """Encrypt one value with the primary key; False when it cannot be read. The caller holds the row's lock."""
    try:
        text = open_sealed(row, field.name)
    except keyring.KeyUnavailable:
        return False
    type(row)._base_manager.filter(pk=row.pk).update(**field.assignments(row.pk, text))
    return True


def _tell_ledger(grants: list[Any], primary: int) -> None:
    """One row per connection, at its refresh token, which every grant has."""
    ledger.append(
        [
            ledger.Draft.about(grant.connection, Happening.REENCRYPTED, detail=f"With key {primary}.")
            for grant in Grant.objects.filter(pk__in=[g.pk for g in grants]).select_related("connection")
        ]
    )
