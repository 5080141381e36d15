"""Sessions for background work: what the vault gives, with the quota's budget in it."""

from __future__ import annotations

from dataclasses import replace

from integrations.models import Connection
from integrations.providers.base import Session
from integrations.records import Service
from integrations.sync import budget
from integrations.vault import tokens
from integrations.vault.tokens import Purpose


def session(connection: Connection, purpose: Purpose, service: Service) -> Session:
    """For a service's client. What a person did goes out before what is read in the background."""
    share = 1.0 if purpose is Purpose.SEND else budget.BACKGROUND
    return replace(tokens.session(connection, purpose, service), spend=budget.spender(connection, share))
