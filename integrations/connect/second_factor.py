"""allauth's second-factor adapter: secrets of authenticator apps and recovery codes are encrypted by the vault."""

from __future__ import annotations

import logging

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
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
            page = render(context.request, "accounts/second_factor_unreadable.html", status=503)
            raise ImmediateHttpResponse(page) from None
