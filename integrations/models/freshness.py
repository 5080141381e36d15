"""How long changes take from a provider to our rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from integrations.models.connection import Connection
from integrations.records import Service


class Freshness(models.Model):
    """One measurement: the oldest change that a sync brought. Kept for a day.

    ``exact`` where the provider says when the change was made; otherwise the time since the sync before, which is the
    most that it can have been.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="freshness")
    service = models.CharField(max_length=16, choices=[(s.value, s.value.title()) for s in Service])
    at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField()
    exact = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["connection", "service", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.service} {self.seconds:.1f} s"
