"""What becomes of a connection: its states, why it is in one, and who is told. Each change of state happens once.

Rows are locked in one order everywhere: connection, grant, the ledger's head.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.records import TokenSet
from integrations.vault import bulk, grants, ledger
from integrations.vault.fields import open_sealed
from integrations.vault.keyset import KeyringError

WITHDRAWN = "withdrawn"
_ALIVE = (State.ACTIVE, State.PAUSED)


def _change(connection: Connection, allowed: tuple[State, ...], to: State, reason: str = "", code: str = "") -> bool:
    """Move a connection from one of ``allowed`` to ``to``; False when it was elsewhere."""
    changed = Connection.objects.filter(pk=connection.pk, state__in=allowed).update(
        state=to, state_reason=reason[:300], state_code=code[:100], state_since=timezone.now(), told_at=None
    )
    if changed:
        connection.refresh_from_db(fields=("state", "state_reason", "state_code", "state_since"))
        grants.reschedule(connection)
    return bool(changed)


def lock(connection: Connection) -> None:
    """Hold the connection's row until the transaction ends: a reconnect comes before or after, not between."""
    lock_all([connection])


def lock_all(connections: Sequence[Connection]) -> dict[UUID, str]:
    """``lock`` for several, always in one order. Answers their states. Rows that only refer to them may be written."""
    return dict(bulk.locked(Connection, [one.pk for one in connections], ("id", "state"), referred=True))


@transaction.atomic
def grant_died(connection: Connection, error: IntegrationError, *, version: int) -> None:
    """The provider refused the grant of that version for good: stop, and ask the person to reconnect.

    Does nothing when a newer grant has taken its place meanwhile.
    """
    lock(connection)
    if Grant.objects.filter(connection=connection, version=version).exists():
        _end(connection, error)


@transaction.atomic
def refused(connection: Connection, error: IntegrationError) -> None:
    """An API refused the token that was last given out for ``connection``, and the fresh one after it.

    Does nothing when another token has taken its place, or is being fetched now: that one's fate decides.
    """
    lock(connection)
    mine = Grant.objects.filter(connection=connection, version=connection.version_given)
    if mine.filter(Q(lease=None) | Q(lease_until__lt=timezone.now())).exists():
        _end(connection, error)


def _end(connection: Connection, error: IntegrationError) -> None:
    if _change(connection, _ALIVE, State.RECONNECT, error.explanation, error.code):
        ledger.record(connection, Happening.GRANT_DIED, detail=error.explanation, code=error.code)


@transaction.atomic
def mark(connection: Connection, actor: str) -> bool:
    """An administrator asks the owner to reconnect; False where the connection is in no state for that."""
    reason = "An administrator asked for this account to be reconnected."
    marked = _change(connection, (*_ALIVE, State.UNREADABLE), State.RECONNECT, reason, "marked")
    if marked:
        ledger.record(connection, Happening.MARKED, actor=actor)
    return marked


@transaction.atomic
def withdraw(connection: Connection, actor: str) -> bool:
    """An administrator ends the grant: nothing is given out from here on; the provider is told in the background."""
    reason = "An administrator ended OsMEN's access to this account."
    ended = _change(connection, (*_ALIVE, State.UNREADABLE, State.RECONNECT), State.RECONNECT, reason, WITHDRAWN)
    if ended:
        ledger.record(connection, Happening.WITHDRAWN, actor=actor)
    return ended


@transaction.atomic
def unreadable(connection: Connection) -> bool:
    """Whoever asked could not read the tokens; stop where the present keys cannot either, and answer True.

    False: they were encrypted anew after they were loaded, and the key of then was retired. Load them again.
    """
    lock(connection)
    if _readable(Grant.objects.filter(connection=connection).first()):
        return False
    reason = "The key that protects this account's access is not in the key ring."
    if _change(connection, _ALIVE, State.UNREADABLE, reason, "key_unavailable"):
        ledger.record(connection, Happening.UNREADABLE, detail=reason)
    return True


def _readable(grant: Grant | None) -> bool:
    try:
        if grant is not None:
            open_sealed(grant, "access_token")
            open_sealed(grant, "refresh_token")
    except KeyringError:
        return False
    return True


@transaction.atomic
def readable(connection: Connection) -> None:
    """The key is back: on as before."""
    if _change(connection, (State.UNREADABLE,), State.ACTIVE):
        ledger.record(connection, Happening.READABLE)


def granted(connection: Connection, tokens: TokenSet) -> None:
    """Take over the scopes that a refresh came with, where they differ in what OsMEN asks for.

    What is not permitted any more is not synced; the page names the permission that is missing.
    """
    # Nearly always the same: no transaction (a savepoint, in a batch) for that.
    if tokens.scopes == frozenset(connection.granted_scopes):
        return
    spec = connection.provider_spec
    asked = {permission.scope for permission in spec.permissions}

    def plain(scopes: object) -> set[str]:
        assert isinstance(scopes, list | frozenset)
        return {scope.removeprefix(spec.scope_prefix) for scope in scopes} & asked

    before, after = plain(connection.granted_scopes), plain(tokens.scopes)
    if before != after:
        _permitted(connection, tokens, before, after)


@transaction.atomic
def _permitted(connection: Connection, tokens: TokenSet, before: set[str], after: set[str]) -> None:
    connection.granted_scopes = sorted(tokens.scopes)
    connection.save(update_fields=("granted_scopes",))
    connection.collections.exclude(service__in=connection.services).update_together(enabled=False)
    words = {permission.scope: permission.allows for permission in connection.provider_spec.permissions}
    gone, new = sorted(words[s] for s in before - after), sorted(words[s] for s in after - before)
    parts = [f"{word}: {', '.join(names)}" for word, names in (("withdrawn", gone), ("granted", new)) if names]
    ledger.record(connection, Happening.SCOPES_CHANGED, detail="; ".join(parts))


@transaction.atomic
def pause(connection: Connection) -> None:
    if _change(connection, (State.ACTIVE,), State.PAUSED):
        ledger.record(connection, Happening.PAUSED)


@transaction.atomic
def resume(connection: Connection) -> None:
    if _change(connection, (State.PAUSED,), State.ACTIVE):
        ledger.record(connection, Happening.RESUMED)


@transaction.atomic
def begin_disconnect(connection: Connection) -> bool:
    """From here on nothing is synced or sent; the removal itself runs in the background."""
    everywhere = (*_ALIVE, State.RECONNECT, State.UNREADABLE)
    return _change(connection, everywhere, State.DISCONNECTING)
