"""One time that an event takes place: what a calendar page reads."""

from __future__ import annotations

from django.db import models

from calendars.models.calendar import Calendar
from calendars.models.event import Event


class Occurrence(models.Model):
    """Of a single event or an exception there is one; of a series as many as fall into the stored time.

    Where the provider lists a series' occurrences itself they carry its id, and ``event`` is empty until the master
    is here. ``long`` marks what lasts over a week, so that a page's query can bound the start of everything else.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="occurrences")
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="occurrences")
    provider_id = models.CharField(max_length=1024, blank=True)
    series_id = models.CharField(max_length=1024, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    long = models.BooleanField(default=False)
    generation = models.PositiveIntegerField(
        default=0, help_text="0: computed here; otherwise the walk that listed it."
    )

    class Meta:
        indexes = [
            models.Index(fields=["calendar", "starts_at"]),
            models.Index(fields=["calendar", "ends_at"], condition=models.Q(long=True), name="long_occurrences"),
            models.Index(
                fields=["calendar", "provider_id"], condition=~models.Q(provider_id=""), name="listed_occurrences"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
