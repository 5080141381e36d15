"""What tests of edits share: forms as browsers send them, refusals as the outbox makes them, a series."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client

from calendars.models import Event
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import EventKind
from tests.calendars.conftest import MONDAY, Account, event, series

WEEK = timedelta(days=7)


def row(name: str = "Event e1") -> Event:
    return Event.objects.select_related("calendar__connection").exclude(kind=EventKind.EXCEPTION).get(title=name)


def form(page: Client, path: str, **changed: Any) -> dict[str, Any]:
    """A form as a browser would send it."""
    answer = page.get(path)
    shown = answer.context["form"]
    names = ("title", "start_day", "start_time", "end_day", "end_time", "zone", "place", "notes", "guests", "until")
    sent = {name: getattr(shown, name) for name in names} | {"repeat": shown.repeat, "was": answer.context["was"]}
    sent |= {"all_day": "1"} if shown.all_day else {}
    return sent | changed


def refuse(account: Account, code: str = "conflict") -> Change:
    """What the outbox does when a provider refuses."""
    change = Change.objects.latest("number")
    Change.objects.filter(pk=change.pk).update(state=ChangeState.REFUSED, error="No.", error_code=code)
    change.refresh_from_db()
    with transaction.atomic():
        account.store.refused(change)
    return change


def listed(n: int) -> Any:
    return event(f"s1-{n}", MONDAY + n * WEEK, kind=EventKind.OCCURRENCE, series_id="s1", ical_uid="s1@example")


def a_series(account: Account, **facts: Any) -> Event:
    """Weekly, four times; at Microsoft with the occurrences that it lists itself."""
    own = account.connection.provider == "microsoft"
    account.sync(series(lists_occurrences=own, **facts), *([listed(n) for n in range(4)] if own else []))
    return row("Event s1")
