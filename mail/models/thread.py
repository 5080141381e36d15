"""Conversations, with all that a row of a list shows, and the index that serves the list of one folder."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from integrations.models import Connection
from mail.models.folder import Folder


class Thread(models.Model):
    """A conversation of one connection. Everything but its identity is derived from its messages by the store.

    Lists are paged by ``(last_at, id)``, newest first; each box that spans all accounts has its own partial index.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="threads")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="threads", db_index=False)
    provider_id = models.CharField(max_length=512)
    subject = models.CharField(max_length=300, blank=True)
    snippet = models.CharField(max_length=250, blank=True)
    participants = models.CharField(max_length=250, blank=True, help_text="Who wrote, as a list shows it.")
    recipients = models.CharField(max_length=250, blank=True, help_text="Whom the owner wrote to, as a list shows it.")
    last_at = models.DateTimeField()
    message_count = models.PositiveIntegerField(default=0)
    unread_count = models.PositiveIntegerField(default=0)
    starred = models.BooleanField(default=False)
    has_attachments = models.BooleanField(default=False)
    has_invitation = models.BooleanField(default=False)
    has_draft = models.BooleanField(default=False)
    in_inbox = models.BooleanField(default=False)
    in_all = models.BooleanField(default=False, help_text="Has a message outside of spam and trash.")
    archived = models.BooleanField(default=False, help_text="Was received, is out of the inbox, and is kept.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_thread")]
        indexes = [
            models.Index(fields=["user", "-last_at", "-id"], condition=Q(in_inbox=True), name="thread_inbox"),
            models.Index(fields=["user", "-last_at", "-id"], condition=Q(in_all=True), name="thread_all"),
            models.Index(fields=["user", "-last_at", "-id"], condition=Q(starred=True), name="thread_starred"),
            models.Index(fields=["user", "-last_at", "-id"], condition=Q(archived=True), name="thread_archived"),
            models.Index(
                fields=["connection", "-last_at", "-id"], condition=Q(in_inbox=True), name="thread_account_inbox"
            ),
            models.Index(fields=["connection", "-last_at", "-id"], condition=Q(in_all=True), name="thread_account_all"),
            models.Index(
                fields=["connection", "-last_at", "-id"], condition=Q(starred=True), name="thread_account_starred"
            ),
            models.Index(
                fields=["connection", "-last_at", "-id"], condition=Q(archived=True), name="thread_account_archived"
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class ThreadFolder(models.Model):
    """A conversation's presence in a folder, by its newest message there. ``role`` repeats the folder's."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="thread_folders", db_index=False)
    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="thread_folders", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    role = models.CharField(max_length=12)
    last_at = models.DateTimeField()
    unread = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "folder"], name="one_row_per_thread_and_folder")]
        indexes = [
            models.Index(fields=["folder", "-last_at", "-thread"], name="thread_folder_list"),
            models.Index(fields=["user", "role", "-last_at", "-thread"], name="thread_folder_role"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} in {self.folder_id}"
