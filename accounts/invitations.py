"""Invitations: one-time links that let their holder sign up, and who becomes the administrator."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Invitation, User

SESSION_KEY = "invitation"
LIFE = timedelta(days=7)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def create(*, email: str = "", makes_admin: bool = False, created_by: User | None = None) -> str:
    """A new invitation's code, to be shown once; only its hash is kept."""
    code = secrets.token_urlsafe(24)
    Invitation.objects.create(
        code_hash=_hash(code),
        email=email,
        makes_admin=makes_admin,
        created_by=created_by,
        expires_at=timezone.now() + LIFE,
    )
    return code


def accept(request: HttpRequest, code: str) -> bool:
    """Remember an invitation in the session of whoever opened its link. False for a used, expired or unknown one."""
    valid = Invitation.objects.filter(code_hash=_hash(code), used_at=None, expires_at__gt=timezone.now()).exists()
    if valid:
        request.session[SESSION_KEY] = _hash(code)
    return valid


def of(request: HttpRequest) -> Invitation | None:
    """The invitation that this browser holds, while it is valid."""
    code_hash = request.session.get(SESSION_KEY)
    if not code_hash:
        return None
    return Invitation.objects.filter(code_hash=code_hash, used_at=None, expires_at__gt=timezone.now()).first()


def admits(request: HttpRequest, email: str) -> bool:
    """Whether this browser may sign up with this address, as far as the invitation that it holds says."""
    invitation = of(request) if settings.OSMEN_SIGNUP != "open" else None
    return invitation is None or not invitation.email or invitation.email.lower() == email.lower()


def make_first_admin(request: HttpRequest, user: User) -> None:
    """Use up the invitation; the first person, and whoever was invited to it, administers this OsMEN.

    Raises ``PermissionDenied`` for the second of two who use one link at once: the claim decides, not the look before.
    """
    invitation = of(request)
    first = not User.objects.exists()
    if first or (invitation is not None and invitation.makes_admin):
        user.is_staff = user.is_superuser = True
    if invitation is not None:
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=timezone.now()):
            raise PermissionDenied("This invitation was used a moment ago.")
        request.session.pop(SESSION_KEY, None)


def open_ones() -> list[Invitation]:
    """The invitations that still work, the newest first."""
    return list(Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now()))
