"""What the integrations page says of access itself, in words: grants that will end, removals, apps that are refused.

Where it comes from is ``integrations.advice``; nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from accounts.clock import Clock
from dashboard.words import counted, duration
from integrations.advice import Ending, removal_progress
from integrations.models import Connection, OAuthApp

SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class EndingNote:
    """A grant that will end, or has: when, why, and how to mend that for good (at ``url``)."""

    text: str
    how: str
    url: str
    link: str
    soon: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """How far a removal is; ``total`` is 0 while that is not known."""

    percent: int
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """An OAuth app that its provider refuses, for whoever can mend it."""

    text: str
    reason: str
    code: str
    path: str


def ending_note(row: Connection, ending: Ending | None, clock: Clock) -> EndingNote | None:
    """What to say of a grant's end; nothing for one that lasts."""
    if ending is None:
        return None
    vendor = row.provider_spec.name
    over = not ending.left
    at = clock.whole(ending.at) if over else clock.short_date(ending.at)
    when = f"ended {at}" if over else f"ends in {duration(ending.left)}, on {at} at {clock.time(ending.at)}"
    if ending.testing:
        text = f"This access {when}: {vendor} gives seven days to apps in testing mode, and OsMEN’s app is in it."
        how = "Reconnecting gives seven more. To mend it for good, set the app to “In production”, then reconnect."
        return EndingNote(text, how, ending.console_url, f"{vendor}’s console", ending.left < SOON)
    text = f"This access {when}: it was granted for a limited time."
    return EndingNote(text, "Reconnect to grant it anew.", "", "", ending.left < SOON)


def removal_of(row: Connection) -> Removal:
    """What a removal has done so far."""
    done, total = min(row.removal_done, row.removal_total), row.removal_total
    text = f"{done:,} of {counted(total, 'item', 'items')} removed" if total else "Taking leave of the provider"
    return Removal(round(removal_progress(row) * 100), total, text)


def troubles(apps: Iterable[OAuthApp], clock: Clock) -> tuple[Trouble, ...]:
    """One alert for each app, not one for each account."""
    return tuple(_trouble(app, clock) for app in apps)


def _trouble(app: OAuthApp, clock: Clock) -> Trouble:
    since = f" since {clock.whole(app.trouble_since)}" if app.trouble_since else ""
    return Trouble(
        f"{app.provider_spec.name} refuses this OsMEN’s own registration{since}. No account that was connected by it "
        "gets new access until that is mended; then all go on by themselves.",
        app.trouble,
        app.trouble_code,
        reverse("admin:integrations_oauthapp_change", args=(app.pk,)),
    )
