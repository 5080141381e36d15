"""Messages, the folders they are in, their bodies and what is attached to them."""

from __future__ import annotations

from django.db import models

from integrations.models import Connection
from mail.models.folder import Folder
from mail.models.thread import Thread


class Message(models.Model):
    """One message without its body. Addresses are kept as ``[[name, email], …]``.

    ``generation`` is the full walk that last mentioned it, where the provider walks a whole mailbox.
    ``detached_at``: since when a message of a provider with folders is in none of them; it is hidden, and goes unless
    it turns up in another.
    """

    # What the constraints and indexes below begin with needs no index of its own.
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="messages", db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages", db_index=False)
    provider_id = models.CharField(max_length=512)
    message_id = models.CharField(max_length=512, blank=True)
    date = models.DateTimeField()
    sender_name = models.CharField(max_length=200, blank=True)
    sender_email = models.CharField(max_length=320, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    reply_to = models.JSONField(default=list)
    subject = models.CharField(max_length=1000, blank=True)
    snippet = models.CharField(max_length=250, blank=True)
    unread = models.BooleanField(default=False)
    starred = models.BooleanField(default=False)
    draft = models.BooleanField(default=False)
    has_attachments = models.BooleanField(default=False)
    has_invitation = models.BooleanField(default=False)
    size = models.PositiveBigIntegerField(default=0)
    etag = models.CharField(max_length=255, blank=True)
    list_unsubscribe = models.CharField(max_length=1000, blank=True)
    generation = models.PositiveIntegerField(default=0)
    detached_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("date", "id")
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_message")]
        indexes = [
            models.Index(fields=["thread", "date"]),
            models.Index(fields=["connection", "generation"]),
            models.Index(
                fields=["connection", "detached_at"],
                condition=models.Q(detached_at__isnull=False),
                name="message_detached",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class MessageFolder(models.Model):
    """A message's membership in a folder. ``generation`` is the full walk of that folder that last mentioned it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="message_folders", db_index=False)
    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="message_folders", db_index=False)
    generation = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "folder"], name="one_row_per_message_and_folder")]
        indexes = [models.Index(fields=["folder", "generation"])]

    def __str__(self) -> str:
        return f"{self.message_id} in {self.folder_id}"


class Body(models.Model):
    """A message's decoded bodies, apart from it so that lists stay narrow. Either may be empty."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="body")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return f"Body of {self.message_id}"


class Attachment(models.Model):
    """What is attached. The content is fetched in the background when somebody asks, and kept under ``MEDIA_ROOT``."""

    class State(models.TextChoices):
        ABSENT = "absent", "At the provider"
        WANTED = "wanted", "Being fetched"
        HERE = "here", "Here"
        FAILED = "failed", "Could not be fetched"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    part_id = models.CharField(max_length=512)
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=127, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.ABSENT)
    state_at = models.DateTimeField(null=True)
    explanation = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["message", "part_id"], name="one_row_per_attachment")]

    def __str__(self) -> str:
        return self.filename
