"""What a provider's folder knows about setting an app up there: steps to click, and checks that ask the vendor.

``steps`` are words and addresses alone. ``examine`` asks the vendor about an app without any account; what is learnt
from accounts, and from this machine, is ``integrations.doctor``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Protocol

from integrations.errors import IntegrationError
from integrations.providers.base import AppCredentials
from integrations.providers.http import Response
from integrations.records import Service

# As much as the providers' ID tokens may be apart from our clock.
MOST_SKEW_SECONDS = 60


class Check(StrEnum):
    """What can be wrong with a setup."""

    CREDENTIALS = "credentials"
    REDIRECT = "redirect"
    CLIENT_TYPE = "client_type"
    SECRET = "secret"
    TENANT = "tenant"
    AUDIENCE = "audience"
    TESTING = "testing"
    API = "api"
    SCOPE = "scope"
    CLOCK = "clock"
    PUSH = "push"
    REACHABLE = "reachable"


class Verdict(StrEnum):
    """``unsure``: it cannot be seen from here yet; ``note``: it works, and could be better."""

    OK = "ok"
    WRONG = "wrong"
    UNSURE = "unsure"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Mend:
    """The page to open and what to click there, in order."""

    page: str = ""
    page_name: str = ""
    clicks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to: ``title`` is what was looked at, ``text`` what was found, in words for an administrator.

    ``code`` is the vendor's own. ``account`` is set where it concerns one alone.
    """

    check: Check
    verdict: Verdict
    title: str
    text: str
    mend: Mend = Mend()
    code: str = ""
    account: str = ""

    def mended_by(self, mend: Mend) -> Finding:
        return replace(self, mend=mend)


@dataclass(frozen=True, slots=True)
class Copied:
    """A value to paste into the vendor's console, exactly. Several lines are one value each."""

    label: str
    value: str

    @property
    def rows(self) -> int:
        """How many lines it has."""
        return self.value.count("\n") + 1


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in the vendor's console."""

    title: str
    text: str
    page: str = ""
    page_name: str = ""
    clicks: tuple[str, ...] = ()
    copies: tuple[Copied, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What the vendor has to know of this OsMEN. ``push_address`` is empty where the vendor cannot reach us."""

    redirect_uri: str
    push_address: str
    scopes: tuple[str, ...]
    services: frozenset[Service]


@dataclass(frozen=True, slots=True)
class PushField:
    """A name that an administrator gives; ``form`` is a pattern of it, ``hint`` an example."""

    name: str
    label: str
    form: str
    hint: str


class Guide(Protocol):
    """A provider's own knowledge of its console.

    ``has_testing``: apps that are not published get permissions that end soon. ``push_fields`` are the names, among the
    app's endpoints, of what an administrator gives for being told of changes; ``push_key`` is what a secret key for
    fetching them is called, where the vendor keeps them. ``loopback`` is the address at which the
    vendor answers programs on the person's own machine, with ``{port}`` in it.
    """

    has_testing: bool
    loopback: str
    push_fields: tuple[PushField, ...]
    push_key: str

    def steps(self, place: Place) -> tuple[Step, ...]:
        """From nothing to an app's id and secret."""
        ...

    def push_steps(self, place: Place) -> tuple[Step, ...]:
        """What makes the vendor tell of changes; nothing where the code asks for it by itself."""
        ...

    def redirect(self, app: AppCredentials, place: Place) -> Finding:
        """Ask the vendor whether it would answer the app there. Raises what ``http.send`` raises."""
        ...

    def push_gap(self, names: Mapping[str, str], key: str, has_key: bool) -> str:
        """What is missing among the names and a new key, in words; empty where nothing is. ``has_key``: one is stored.

        Raises ``PermanentFailure`` for a key that is none.
        """
        ...

    def examine(self, app: AppCredentials, place: Place) -> Iterator[Finding]:
        """Ask the vendor about the app. Raises what ``http.send`` raises."""
        ...

    def push_trouble(self, app: AppCredentials, place: Place) -> Finding | None:
        """What is missing for being told of changes, if anything is."""
        ...

    def check_of(self, error: IntegrationError) -> Check | None:
        """Which part of the setup an error of a later call speaks of; None where of none."""
        ...

    def mend(self, check: Check, app: AppCredentials, place: Place, service: Service | None = None) -> Mend:
        """Where to put something right at the vendor."""
        ...


def clock(response: Response, name: str, now: datetime | None = None) -> Finding | None:
    """How far this machine's clock is from the vendor's; None where its answer carries no time (RFC 9110, Date)."""
    try:
        theirs = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    apart = ((now or datetime.now(UTC)) - theirs).total_seconds()
    if abs(apart) <= MOST_SKEW_SECONDS:
        return Finding(Check.CLOCK, Verdict.OK, "Clock", f"This machine’s clock agrees with {name}’s.")
    way = "ahead of" if apart > 0 else "behind"
    text = f"This machine’s clock is {_spell(abs(apart))} {way} {name}’s: sign-ins are refused as too old or too new."
    clicks = (
        "Linux: run sudo timedatectl set-ntp true",
        "macOS: System Settings, General, Date & Time, Set time and date automatically",
        "Windows: Settings, Time & language, Set time automatically",
        "A virtual machine: restart it, or its time service",
    )
    return Finding(Check.CLOCK, Verdict.WRONG, "Clock", text, Mend(clicks=clicks))


def _spell(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def first_of(text: str, known: Mapping[str, Check]) -> str:
    """The first of the known codes that is named in a text; empty for none."""
    return next((code for code in known if code in text), "")
