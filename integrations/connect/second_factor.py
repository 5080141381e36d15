"""allauth's second factors, whose secrets (of authenticator apps and recovery codes) are encrypted by the vault: its
adapter for those that are in use, its form for one that is being set up.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, clear_totp_secret, get_totp_secret
from django.shortcuts import render

from integrations.vault import second_factors
from integrations.vault.keyset import KeyringError

logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Where a secret cannot be read nobody gets in by it; the page says why."""

    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return second_factors.open_sealed(encrypted_text)
        except KeyringError as error:
            logger.error("A second factor could not be asked for: %s", error)
            if context.request is None:
                raise
            raise _cannot_be_read() from None


class ActivateForm(ActivateTOTPForm):
    """allauth keeps the secret in the session until its first code proves it: there it is encrypted too."""

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            try:
                self.secret = second_factors.open_pending(self.secret, self.user.pk)
                return
            except KeyringError:
                self.secret = get_totp_secret(regenerate=True)  # which the code will not fit
        try:
            kept = second_factors.seal_pending(self.secret, self.user.pk)
        except KeyringError as error:
            clear_totp_secret(context.request)
            logger.error("A second factor could not be set up: %s", error)
            raise _cannot_be_read() from None
        context.request.session[SECRET_SESSION_KEY] = kept


def _cannot_be_read() -> ImmediateHttpResponse:
    return ImmediateHttpResponse(render(context.request, "accounts/second_factor_unreadable.html", status=503))
