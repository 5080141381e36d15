"""One calendar of a connection."""

from __future__ import annotations

from django.db import models

from integrations.models import Connection


class Calendar(models.Model):
    """``shown`` is its owner's switch; the rest is the provider's.

    Occurrences are stored from ``stored_from`` to ``stored_until``; outside of that they are computed when asked for.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="calendars")
    provider_id = models.CharField(max_length=512)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    colour = models.CharField(max_length=9, blank=True)
    primary = models.BooleanField(default=False)
    writable = models.BooleanField(default=False)
    shown = models.BooleanField(default=True)
    stored_from = models.DateTimeField(null=True)
    stored_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-primary", "name")
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_calendar")]

    def __str__(self) -> str:
        return self.name
