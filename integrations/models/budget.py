"""What was spent of a provider's quota lately, shared by all workers."""

from __future__ import annotations

from django.db import models


class Budget(models.Model):
    """A sliding window. ``key`` names whose quota it is: a connection's or an app's, at one API.

    ``tight`` on an app's row: the provider refused what its larger quota would have allowed, so the smaller one counts.
    """

    key = models.CharField(max_length=120, primary_key=True)
    spent = models.JSONField(default=list, help_text="Pairs of a time in seconds and the units spent then.")
    version = models.PositiveBigIntegerField(default=0, help_text="Grows with every change, for conditional updates.")
    tight = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key
