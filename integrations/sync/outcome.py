"""How a run of a collection ended, written on its row: when it is due again, and what went wrong in words.

Errors carry their policy (``integrations.errors``); this is the one place that carries it out for syncing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import uniform

from django.db import OperationalError
from django.db.models import Case, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from integrations import errors
from integrations.models import Collection, Connection
from integrations.sync import budget, leases, pace
from integrations.vault import lifecycle

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 5.0, 900.0
LONG_WAIT_SECONDS = 3600.0
# A quota of the day comes back to every account of an app at the same moment.
SPREAD_SECONDS = 900.0


def later(seconds: float) -> datetime:
    """A moment about that far away; a quarter of jitter keeps collections from marching in step."""
    return timezone.now() + timedelta(seconds=seconds * uniform(1.0, 1.25))


def succeeded(collection: Collection, **columns: object) -> None:
    """The collection says what its provider says."""
    _done(collection, later(pace.interval(collection)), **columns)


def unchanged(collections: Sequence[Collection], seconds: float) -> None:
    """Nothing happened in these, which share a lease; they are due again together."""
    Collection.objects.filter(lease=collections[0].lease, pk__in=[c.pk for c in collections]).update_together(
        lease=None,
        lease_until=None,
        due_at=_unless_asked(collections, later(seconds)),
        succeeded_at=timezone.now(),
        attempts=0,
        walks_in_a_row=0,
        last_error="",
        last_error_code="",
    )


def walked(collection: Collection) -> None:
    """A full walk is complete; what changed meanwhile comes next."""
    _done(collection, timezone.now(), walk_began_at=None)


def _done(collection: Collection, due_at: datetime, **columns: object) -> None:
    settled = {"walked": 0, "attempts": 0, "last_error": "", "last_error_code": ""}
    due = _unless_asked([collection], due_at)
    leases.release(collection, due_at=due, succeeded_at=timezone.now(), **settled, **columns)


def _unless_asked(collections: Sequence[Collection], due_at: datetime) -> Case:
    """``due_at``, but sooner for what was made due during the run, as by a push: that may tell of what came after."""
    as_before = When(due_at__in={c.due_at for c in collections}, then=Value(due_at))
    return Case(as_before, default=Least("due_at", Value(due_at)))


def to_be_continued(collection: Collection) -> None:
    """The slice of time is used up: others first, then on from the cursor."""
    leases.release(collection, due_at=timezone.now(), attempts=0, last_error="", last_error_code="")


@contextmanager
def recorded(collection: Collection) -> Iterator[None]:
    """Carry out the policy of whatever a run raises. Nothing but a lost lease goes on to the caller."""
    try:
        yield
    except leases.LeaseLost:
        raise
    except (errors.ReconnectRequired, errors.Unauthorized) as error:
        end_grant(collection.connection, error)
        _failed(collection, error, LONG_WAIT_SECONDS)
    except errors.QuotaUsedUp as error:
        _put_off(collection, error)
    except errors.RateLimited as error:
        wait_until = timezone.now() + timedelta(seconds=error.retry_after)
        # What we count ourselves has room again at that very moment.
        if error.code != budget.CODE:
            # A little later than asked, and not all at once.
            wait_until += timedelta(seconds=uniform(0.0, 0.1 * error.retry_after))
            budget.refused(collection.connection)
            Connection.objects.filter(pk=collection.connection_id).update(wait_until=wait_until)
        leases.release(collection, due_at=wait_until)
    except (errors.TemporaryFailure, errors.CursorExpired) as error:
        # A cursor that expires on a walk's first pages leaves nothing to begin anew: the walk just comes again.
        _failed(collection, error, _backoff(collection))
    except OperationalError as error:
        # Busy, or two transactions in each other's way: nothing was written, and the next try may find it free.
        logger.warning("Collection %s: %s", collection.pk, error)
        busy = errors.TemporaryFailure("OsMEN's database was busy.", code="database")
        _failed(collection, busy, _backoff(collection))
    except errors.NotFound as error:
        Collection.objects.filter(
            connection_id=collection.connection_id, service=collection.service, provider_id=""
        ).update(due_at=timezone.now())
        _failed(collection, error, LONG_WAIT_SECONDS)
    except errors.IntegrationError as error:
        _failed(collection, error, LONG_WAIT_SECONDS)
    except Exception:
        logger.exception("Syncing collection %s failed", collection.pk)
        _failed(
            collection,
            errors.TemporaryFailure("OsMEN could not store what the provider sent.", code="internal"),
            LONGEST_RETRY_SECONDS,
        )


def end_grant(connection: Connection, error: errors.IntegrationError) -> None:
    """The provider refused what the vault gave out last: stop the connection and ask its owner to reconnect."""
    if error.code != "key_unavailable":
        lifecycle.refused(connection, error)


def _put_off(collection: Collection, error: errors.QuotaUsedUp) -> None:
    """All of a service waits for its quota. The connection's other services have quotas of their own."""
    logger.info("Collection %s: %s (%s)", collection.pk, type(error).__name__, error.code)
    columns = _why(error) | {
        "due_at": timezone.now() + timedelta(seconds=error.retry_after + uniform(0, SPREAD_SECONDS))
    }
    service = Collection.objects.filter(connection_id=collection.connection_id, service=collection.service)
    service.filter(enabled=True, lease=None).update(**columns)
    leases.release(collection, **columns)


def _why(error: errors.IntegrationError) -> dict[str, object]:
    return {
        "last_error": error.explanation[:300],
        "last_error_code": error.code[:100],
        "last_error_class": type(error).__name__,
    }


def _backoff(collection: Collection) -> float:
    """Seconds until the next try, doubled with each that failed."""
    return min(FIRST_RETRY_SECONDS * 2.0**collection.attempts, LONGEST_RETRY_SECONDS)


def _failed(collection: Collection, error: errors.IntegrationError, seconds: float) -> None:
    logger.info("Collection %s: %s (%s)", collection.pk, type(error).__name__, error.code)
    leases.release(
        collection,
        due_at=later(seconds),
        attempts=collection.attempts + 1,
        **_why(error),
    )
