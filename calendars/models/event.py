"""An event as its provider knows it: a single one, a series' master, or an exception to a series."""

from __future__ import annotations

from django.db import models

from calendars.models.calendar import Calendar
from integrations.records import Answer, EventKind, Showing


class Event(models.Model):
    """Times are UTC; an all-day event begins and ends (exclusive) at midnight UTC of its dates, in every zone.

    The columns show the edits that are on their way; ``said`` then holds what the provider said in their place, and is
    empty otherwise. ``ours``: made here, and not known to the provider yet. ``leaving``: deleted here, not yet there.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="events")
    provider_id = models.CharField(max_length=1024)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in EventKind])
    series_id = models.CharField(max_length=1024, blank=True, help_text="The provider's id of an exception's master.")
    original_start = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    raw_time_zone = models.CharField(max_length=255, blank=True)
    recurrence = models.JSONField(default=list)
    over_at = models.DateTimeField(null=True, help_text="A series has ended by then; null: not known to end.")
    raw_recurrence = models.TextField(blank=True)
    lists_occurrences = models.BooleanField(default=False)
    title = models.TextField(blank=True)
    description = models.TextField(blank=True)
    description_is_html = models.BooleanField(default=False)
    location = models.TextField(blank=True)
    meeting_url = models.TextField(blank=True)
    web_url = models.TextField(blank=True)
    organizer_email = models.CharField(max_length=320, blank=True)
    organizer_name = models.TextField(blank=True)
    attendees = models.JSONField(default=list)
    asked = models.BooleanField(default=False, help_text="Its calendar's owner is invited and has not answered.")
    my_answer = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Answer], default=Answer.NONE)
    showing = models.CharField(max_length=15, choices=[(s.value, s.value) for s in Showing], default=Showing.BUSY)
    private = models.BooleanField(default=False)
    colour = models.CharField(max_length=16, blank=True)
    reminders = models.JSONField(default=list)
    ical_uid = models.CharField(max_length=1024, blank=True)
    etag = models.CharField(max_length=255, blank=True)
    updated = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(default=1)
    said = models.JSONField(default=dict, editable=False)
    ours = models.BooleanField(default=False)
    leaving = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "provider_id"], name="one_row_per_event")]
        indexes = [
            models.Index(fields=["calendar", "series_id"]),
            models.Index(fields=["calendar", "kind", "starts_at"]),
            models.Index(fields=["ical_uid"]),
        ]

    def __str__(self) -> str:
        return self.title
