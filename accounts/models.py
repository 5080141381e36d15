"""The user:

a person who signs in with an e-mail address. Their accounts at providers are connections, kept elsewhere.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", "Comfortable"
    COMPACT = "compact", "Compact"


class WeekStart(models.IntegerChoices):
    MONDAY = 1, "Monday"
    SUNDAY = 0, "Sunday"
    SATURDAY = 6, "Saturday"


def validate_time_zone(value: str) -> None:
    """Refuse what is not an IANA zone."""
    if value not in available_timezones():
        raise ValidationError("Choose a time zone from the list.")


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is the login and is compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a password or a sign-in at a provider, and how they like to see things."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_staff = models.BooleanField(default=False, help_text="May open the administration.")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    time_zone_chosen = models.BooleanField(default=False, help_text="Set by the person, so the browser's is not taken.")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    week_start = models.SmallIntegerField(choices=WeekStart, default=WeekStart.MONDAY)
    hour12 = models.BooleanField("12-hour clock", default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = self.display_name.replace(".", " ").split()
        return "".join(word[0] for word in (words[0], *words[-1:][: len(words) - 1])).upper()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Invitation(models.Model):
    """A one-time link that lets its holder sign up. Only a hash of its code is kept."""

    code_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, help_text="Empty: for whoever has the link.")
    makes_admin = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"Invitation for {self.email or 'anyone'}"


class AccessToken(models.Model):
    """What a person's script shows to read what is theirs. Only a hash of its text is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60, help_text="What it is for.")
    text_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name
