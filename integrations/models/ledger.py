"""The ledger: an append-only history of what happened to a connection and its tokens, and why. Never a token.

Rows are written by ``vault.ledger`` alone, which chains them; these are only the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.db import models
from django.utils import timezone

from integrations.models.connection import Connection


class Happening(models.TextChoices):
    CONNECTED = "connected", "Connected"
    RECONNECTED = "reconnected", "Reconnected"
    REFRESHED = "refreshed", "Access renewed"
    REFRESH_FAILED = "refresh_failed", "Access could not be renewed"
    USED = "used", "Used"
    SCOPES_CHANGED = "scopes_changed", "Permissions changed"
    GRANT_DIED = "grant_died", "Access ended"
    ORDERED = "ordered", "Ordered by an administrator"
    WITHDRAWN = "withdrawn", "Ended by an administrator"
    MARKED = "marked", "Marked for reconnecting by an administrator"
    UNREADABLE = "unreadable", "Cannot be read with the present keys"
    READABLE = "readable", "Can be read again"
    REENCRYPTED = "reencrypted", "Encrypted with another key"
    VIEWED = "viewed", "Looked at by an administrator"
    PAUSED = "paused", "Paused"
    RESUMED = "resumed", "Resumed"
    RESYNC = "resync", "Read everything again"
    REVOKED = "revoked", "Revoked at the provider"
    NOT_REVOKED = "not_revoked", "Could not be revoked at the provider"
    DISCONNECTED = "disconnected", "Disconnected"


class LedgerEntry(models.Model):
    """One happening. It outlives its connection: the address it was about is kept beside it.

    ``seal`` is a keyed hash of this row and of the seal before it; ``sealed_with`` names the vault's secret.
    """

    connection = models.ForeignKey(Connection, null=True, on_delete=models.SET_NULL, related_name="ledger")
    connection_key = models.UUIDField()
    number = models.PositiveIntegerField()
    account = models.CharField(max_length=300)
    what = models.CharField(max_length=16, choices=Happening)
    detail = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=100, blank=True)
    fingerprint = models.CharField(max_length=16, blank=True)
    actor = models.CharField(max_length=254, blank=True, help_text="Who did it, where a person here did.")
    purpose = models.CharField(max_length=32, blank=True)
    service = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField(default=1, help_text="How often, within the hour that it was counted for.")
    hour = models.DateTimeField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    sealed_with = models.UUIDField()
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "ledger entries"
        constraints = [models.UniqueConstraint(fields=["connection_key", "number"], name="ledger_rows_in_order")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.account}"

    def sealed_content(self) -> list[str]:
        """Everything that the seal vouches for."""
        return entry_content(vars(self))


def entry_content(row: Mapping[str, Any]) -> list[str]:
    """Everything that the seal of an entry vouches for, from its columns, in one settled order."""
    return [
        str(row["connection_key"]),
        str(row["number"]),
        row["account"],
        row["what"],
        row["detail"],
        row["code"],
        row["fingerprint"],
        row["actor"],
        row["purpose"],
        row["service"],
        str(row["count"]),
        row["hour"].astimezone(UTC).isoformat() if row["hour"] else "",
        row["at"].astimezone(UTC).isoformat(),
    ]


class LedgerHead(models.Model):
    """Where a connection's chain ends, sealed itself; it stays when the connection goes, as its tombstone."""

    connection_key = models.UUIDField(primary_key=True)
    account = models.CharField(max_length=300, blank=True)
    number = models.PositiveIntegerField(default=0)
    last_seal = models.CharField(max_length=64, blank=True)
    closed = models.BooleanField(default=False, help_text="The connection is gone.")
    sealed_with = models.UUIDField(null=True)
    seal = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.account} {self.number}"

    def sealed_content(self) -> list[str]:
        """Everything that the head's seal vouches for."""
        return head_content(vars(self))


def head_content(row: Mapping[str, Any]) -> list[str]:
    """Everything that the seal of a head vouches for, from its columns, in one settled order."""
    return [
        str(row["connection_key"]),
        row["account"],
        str(row["number"]),
        row["last_seal"],
        "closed" if row["closed"] else "open",
    ]


class UsageHour(models.Model):
    """How often a connection's token was given out within an hour that has not been sealed into the ledger yet."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="usage")
    hour = models.DateTimeField(db_index=True)
    purpose = models.CharField(max_length=32)
    service = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "hour", "purpose", "service"], name="one_count_per_use")
        ]

    def __str__(self) -> str:
        return f"{self.hour} {self.purpose}"
