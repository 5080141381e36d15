"""The route table of the Gmail API: which handler serves which method, and what it costs."""

from __future__ import annotations

from sandbox.google.calls import Table
from sandbox.google.gmail import aliases, drafts, histories, labels, messages, sending, threads, users, watches

TABLE: Table = {
    **users.TABLE,
    **labels.TABLE,
    **messages.TABLE,
    **sending.TABLE,
    **drafts.TABLE,
    **threads.TABLE,
    **histories.TABLE,
    **aliases.TABLE,
    **watches.TABLE,
}
