"""The integration layer's tables: OAuth apps, connections, grants, collections, changes and the ledger."""

from integrations.models.budget import Budget
from integrations.models.change import Change
from integrations.models.channel import Channel
from integrations.models.collection import Collection
from integrations.models.connection import Connection
from integrations.models.freshness import Freshness
from integrations.models.grant import Grant
from integrations.models.heartbeat import Heartbeat
from integrations.models.ledger import LedgerEntry, LedgerHead, UsageHour
from integrations.models.oauth_app import OAuthApp
from integrations.models.secret import VaultSecret

__all__ = [
    "Budget",
    "Change",
    "Channel",
    "Collection",
    "Connection",
    "Freshness",
    "Grant",
    "Heartbeat",
    "LedgerEntry",
    "LedgerHead",
    "OAuthApp",
    "UsageHour",
    "VaultSecret",
]
