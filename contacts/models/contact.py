"""A person in one address book, as shown and as the provider last said it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from integrations.models import Connection

# The ids of people who are not at the provider yet begin with this.
NEW = "new:"


class PhotoState(models.TextChoices):
    """What became of asking for a photo. Settled: it is here, or there is none."""

    NONE = "", "Not asked for"
    WANTED = "wanted", "Being fetched"
    SETTLED = "settled", "Settled"
    FAILED = "failed", "Could not be fetched"


class Contact(models.Model):
    """One person. ``said`` holds the editable fields as the provider last said them; the columns show them with the
    edits on top that are on their way. ``leaving``: deleted here, and not yet there. ``photo_asked`` is the key
    by which the photo was last asked for, ``photo_digest`` says what is here of it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="contacts")
    collection_id = models.CharField(max_length=512)
    provider_id = models.CharField(max_length=512)

    name = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    family_name = models.TextField(blank=True)
    nickname = models.TextField(blank=True)
    emails = models.JSONField(default=list, help_text="[value, label] pairs, like phones and addresses.")
    phones = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    organization = models.TextField(blank=True)
    job_title = models.TextField(blank=True)
    birthday = models.CharField(max_length=10, blank=True)
    notes = models.TextField(blank=True)
    group_ids = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    photo_key = models.TextField(blank=True, editable=False)
    photo_asked = models.TextField(blank=True, editable=False)
    photo_state = models.CharField(max_length=8, choices=PhotoState, blank=True, default="", editable=False)
    photo_at = models.DateTimeField(null=True, editable=False)
    photo_digest = models.CharField(max_length=32, blank=True, editable=False)

    said = models.JSONField(default=dict, editable=False)
    read_only = models.BooleanField(default=False)
    apart = models.BooleanField(default=False, help_text="Its owner wants it shown on a card of its own.")
    leaving = models.BooleanField(default=False)
    etag = models.TextField(blank=True, editable=False)
    generation = models.PositiveIntegerField(default=0, editable=False)
    sort_key = models.CharField(max_length=120, editable=False)
    search_text = models.TextField(editable=False)

    class Meta:
        ordering = ("sort_key", "pk")
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_contact")]
        indexes = [
            models.Index(fields=["user", "sort_key", "id"]),
            models.Index(fields=["connection", "collection_id"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_new(self) -> bool:
        """Whether the provider does not know this person yet."""
        return self.provider_id.startswith(NEW)
