"""The background tasks:

thin, with ids for arguments. What they do is in ``sync``, ``outbox``, ``vault`` and ``disconnect``.
"""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task

from integrations import disconnect as removal
from integrations import doctor, notices, presence
from integrations.errors import IntegrationError
from integrations.models import Connection
from integrations.outbox import push
from integrations.push import channels, pulls
from integrations.sync import drift, freshness, loop, poll, schedule
from integrations.vault import ahead, revocation, tokens, usage


@shared_task(name="integrations.sync_collection")
def sync_collection(collection_id: int) -> None:
    """Sync one collection, then hand over what else is due, so that nothing waits for the next tick."""
    if loop.run(collection_id):
        schedule.hand_over()


@shared_task(name="integrations.poll_collections")
def poll_collections(collection_ids: list[int]) -> None:
    """Ask about several collections of a service at once, and sync those that changed."""
    if poll.run(collection_ids):
        schedule.hand_over()


@shared_task(name="integrations.seen")
def seen(user_id: str) -> None:
    """Somebody is here: their accounts are asked for news."""
    presence.seen(user_id)


@shared_task(name="integrations.push_changes")
def push_changes(connection_id: str) -> None:
    """Send the edits of one connection."""
    push.push(connection_id)


@shared_task(name="integrations.disconnect")
def disconnect(connection_id: str) -> None:
    """Remove one connection that was asked to go."""
    removal.remove(connection_id)


@shared_task(name="integrations.check_setup")
def check_setup(app_id: str) -> None:
    """Carry out a check of an OAuth app that somebody asked for."""
    doctor.run(app_id)


@shared_task(name="integrations.tick")
def tick() -> None:
    """The sweeper: whatever is due or was lost by the broker is handed over again."""
    usage.flush_when_due()
    schedule.hand_over()
    for connection_id in push.waiting_connections():
        push_changes.delay(connection_id)
    for app_id in doctor.waiting():
        check_setup.delay(app_id)
    for connection_id in removal.unfinished():
        disconnect.delay(connection_id)


@shared_task(name="integrations.channels")
def keep_channels() -> None:
    """Open and renew what providers tell us of changes through, where they can reach us."""
    channels.keep()


@shared_task(name="integrations.pull")
def pull() -> None:
    """Fetch what providers keep for us."""
    pulls.pull()


@shared_task(name="integrations.compare")
def compare() -> None:
    """Compare samples with the providers, some collections at a time, each once a day."""
    for collection_id in drift.due():
        drift.compare(collection_id)


@shared_task(name="integrations.probe")
def probe() -> None:
    """Look for services that have silently stopped."""
    freshness.probe()
    freshness.forget_old()


@shared_task(name="integrations.refresh_ahead")
def refresh_ahead() -> None:
    """Renew tokens before they are needed, then tell people what only they can mend."""
    ahead.refresh_due()
    for connection_id in revocation.unfinished():
        revoke_grant.delay(connection_id)
    notices.send_due()


@shared_task(name="integrations.renew_grant")
def renew_grant(connection_id: str) -> None:
    """Renew one connection's access because an administrator wants it; how that went is in its ledger."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with suppress(IntegrationError):
            tokens.renew(connection)


@shared_task(name="integrations.revoke_grant")
def revoke_grant(connection_id: str) -> None:
    """End one grant at its provider, as an administrator ordered."""
    revocation.carry_out(connection_id)


@shared_task(name="integrations.seal_usage")
def seal_usage() -> None:
    """Put the counts of hours that have ended into the ledger."""
    usage.seal_hours()
