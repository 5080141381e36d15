"""A calendar that is years long shows this week with its first page, and is whole in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from calendars.models import Event
from integrations.models import Connection
from integrations.sync import loop
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.history.history import OWNERS
from tests.sync.test_engine import Killed, interrupt_after

GOOGLE = ("google", "long.google@gmail.example", 3000)
MICROSOFT = ("microsoft", "long.microsoft@outlook.example", 600)


def history(provider: str, email: str, count: int) -> list[dict[str, object]]:
    """Thousands of events of the last months, one of a series, and then this week's."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    owner = {"provider": provider, "email": email}

    def event(title: str, start: datetime, **more: object) -> dict[str, object]:
        times = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
        return {**owner, "title": title, **times, **more}

    old = [event(f"Past {i}", now - timedelta(days=20 + i % 120, minutes=i)) for i in range(count)]
    weekly = event("Every week", now - timedelta(days=140), recurrence=["RRULE:FREQ=WEEKLY"])
    return [*old, weekly, event("Today", now), event("Next week", now + timedelta(days=7))]


@pytest.mark.parametrize(("provider", "account", "old"), [GOOGLE, MICROSOFT])
def test_this_week_comes_with_the_first_page(
    ada: Person, provider: str, account: str, old: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = {"provider": provider, "email": account}
    ada.sandbox.control("seed", accounts=[owner], events=history(provider, account, old))
    assert ada.connects(provider, account).status_code == 302
    connection = Connection.objects.get(email=account)
    for listing in connection.collections.filter(provider_id=""):
        loop.run(listing.pk)
    calendar = connection.collections.filter(service="calendar").exclude(provider_id="").order_by("priority")[0]
    events = Event.objects.filter(calendar__connection=connection)
    with monkeypatch.context() as patch:
        interrupt_after(1, patch)
        with pytest.raises(Killed):
            loop.run(calendar.pk)
    assert set(events.exclude(title__startswith="Past").values_list("title", flat=True)) == {
        "Today",
        "Next week",
        "Every week",
    }
    assert events.filter(title__startswith="Past").count() < old / 2
    deleted = events.get(title="Next week").provider_id
    where = "/calendar/v3/calendars/primary/events/" if provider == "google" else "/v1.0/me/events/"
    OWNERS[provider](ada.sandbox, account).call("DELETE", f"{where}{deleted}")
    connection.collections.update(lease=None)
    engine.sync_everything()
    assert events.filter(title__startswith="Past").count() == old
    assert events.filter(title="Today").count() == 1
    assert not events.filter(title="Next week").exists()
