"""Keeps what an address lets its reader do out of the logs, and says which lines administrators are mailed.

One-time links carry their secret in the path. Queries are never logged, since sign-in codes travel in them (the access
log's format leaves them out).
"""

from __future__ import annotations

import logging
import re

from django.conf import settings
from django.core.exceptions import SuspiciousOperation

# The links of an invitation, of a forgotten password and of a new address to confirm; what follows is the secret.
_ONE_TIME = re.compile(r"((?:/|%2F)(?:invitation|reset(?:/|%2F)key|confirm-email)(?:/|%2F))[^\s\"'?,]+", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with three stars where a one-time link has its secret."""
    return _ONE_TIME.sub(r"\1***", text)


class OneTimeLinks(logging.Filter):
    """Masks the links in every line that passes, whoever writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (kept := masked(said)) != said:
            record.msg, record.args = kept, ()
        return True


class Failures(logging.Filter):
    """What administrators are told by mail: a page failed. A health check that says 503 has not, nor has a knock."""

    def filter(self, record: logging.LogRecord) -> bool:
        failed = record.exc_info[1] if record.exc_info else None
        return failed is not None and not isinstance(failed, SuspiciousOperation) and not settings.DEBUG
