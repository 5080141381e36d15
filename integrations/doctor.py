"""The doctor: what is wrong with an OAuth app's setup, in words, with the page to open and what to click there.

The browser's "Check this setup" and the command line come here. What the vendor says of the app is asked by its
``Guide``; this adds what accounts and this machine show. It asks the network, so pages read what ``run`` has kept.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from integrations import app_setup
from integrations.advice import TESTING_LIFE
from integrations.errors import IntegrationError
from integrations.layers.accounts import Accounts
from integrations.layers.probes import Probe, probe
from integrations.models import Channel, Connection, Grant, OAuthApp
from integrations.models.connection import State
from integrations.providers.base import AppCredentials, RegisteredClient, registry
from integrations.providers.guides import Check, Finding, Guide, Mend, Place, Verdict
from integrations.records import Service
from integrations.vault import apps

# A check asks each service of so many accounts: what they have in common is the app's.
MOST_ACCOUNTS = 3
# A worker that began and has not ended by then was killed.
GIVEN_UP = timedelta(minutes=3)


def examine(app: OAuthApp) -> list[Finding]:
    """Everything that can be found out about an app now. The worst comes first. Raises nothing of the providers'."""
    guide, place = _guide(app), app_setup.place(app.provider, frozenset(app.offered_services))
    try:
        credentials = app.credentials()
    except IntegrationError as error:
        mend = Mend(clicks=("Restore the key that is missing from the key ring", "Or store the app’s secret again"))
        return [Finding(Check.CREDENTIALS, Verdict.WRONG, "Stored secret", error.explanation, mend, error.code)]
    found = [*_form(app, credentials), *_asked(app, guide, credentials, place)]
    found += _trouble(app, guide, credentials, place, found)
    found += _testing(app, guide, credentials, place)
    found += _accounts(app, guide, credentials, place)
    found += _push(app, guide, credentials, place)
    return sorted(found, key=lambda one: _ORDER.index(one.verdict))


_ORDER = (Verdict.WRONG, Verdict.UNSURE, Verdict.NOTE, Verdict.OK)


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept and printed."""
    told = asdict(finding)
    return told | {"check": str(finding.check), "verdict": str(finding.verdict)}


def ask(app: OAuthApp) -> None:
    """Ask for a check; the caller hands it to a worker on commit."""
    OAuthApp.objects.filter(pk=app.pk).update(check_asked_at=timezone.now())


def run(app_id: UUID | str) -> bool:
    """Carry out a check that was asked for and keep what it found. False where another does, or nobody asked."""
    now = timezone.now()
    asked = OAuthApp.objects.filter(_wanting(), pk=app_id)
    if not asked.update(check_began_at=now):
        return False
    app = OAuthApp.objects.get(pk=app_id)
    found = [as_json(one) for one in examine(app)]
    OAuthApp.objects.filter(pk=app_id).update(findings=found, checked_at=timezone.now())
    return True


def waiting() -> list[str]:
    """The apps whose check was asked for and lost on its way."""
    overdue = timezone.now() - timedelta(seconds=5)
    return [
        str(pk) for pk in OAuthApp.objects.filter(_wanting(), check_asked_at__lt=overdue).values_list("pk", flat=True)
    ]


def _wanting() -> Q:
    asked = Q(check_asked_at__isnull=False) & (Q(checked_at=None) | Q(checked_at__lt=F("check_asked_at")))
    unheld = Q(check_began_at=None) | Q(check_began_at__lt=F("check_asked_at"))
    return asked & (unheld | Q(check_began_at__lt=timezone.now() - GIVEN_UP))


def _guide(app: OAuthApp) -> Guide | None:
    return registry[app.provider].guide


def _form(app: OAuthApp, credentials: AppCredentials) -> Iterator[Finding]:
    """What can be seen of what was stored. The sandbox's ids are no vendor's."""
    if app.sandbox:
        return
    given = RegisteredClient(credentials.client_id, credentials.client_secret, credentials.tenant)
    for problem in app_setup.problems(app.provider, given):
        yield Finding(Check.CREDENTIALS, Verdict.WRONG, "Id and secret", problem)


def _asked(app: OAuthApp, guide: Guide | None, credentials: AppCredentials, place: Place) -> list[Finding]:
    found: list[Finding] = []
    try:
        for finding in guide.examine(credentials, place) if guide else ():
            found.append(finding)
    except IntegrationError as error:
        name = registry[app.provider].name
        text = f"{name} could not be asked: {error.explanation}"
        mend = Mend(clicks=("See whether this machine has a connection to the internet", "Check again"))
        found.append(Finding(Check.REACHABLE, Verdict.UNSURE, f"Way to {name}", text, mend, error.code))
    return found


def _trouble(
    app: OAuthApp, guide: Guide | None, credentials: AppCredentials, place: Place, found: Sequence[Finding]
) -> Iterator[Finding]:
    """What the provider last said when access was to be renewed, unless it has just said that all is well."""
    if not app.trouble:
        return
    secret = next((one for one in found if one.check is Check.SECRET), None)
    if secret is not None and secret.verdict is Verdict.OK:
        apps.works(app)
    elif secret is None or secret.verdict is not Verdict.WRONG:
        mend = guide.mend(Check.SECRET, credentials, place) if guide else Mend()
        yield Finding(Check.SECRET, Verdict.WRONG, "Client id and secret", app.trouble, mend, app.trouble_code)


def _testing(app: OAuthApp, guide: Guide | None, credentials: AppCredentials, place: Place) -> Iterator[Finding]:
    """Grants that end after a week come from an app that is not published."""
    if guide is None or not guide.has_testing:
        return
    grants = Grant.objects.filter(connection__app=app)
    short = grants.filter(refresh_expires_at__lte=F("issued_at") + TESTING_LIFE).values_list("connection__email")
    named = sorted(email for (email,) in short)
    if named:
        text = f"The app is in testing mode: permissions end after seven days. That concerns {_some(named)}."
        mend = guide.mend(Check.TESTING, credentials, place)
        yield Finding(Check.TESTING, Verdict.WRONG, "Publishing status", text, mend)
    elif grants.exists():
        yield Finding(Check.TESTING, Verdict.OK, "Publishing status", "Permissions last: the app is published.")
    else:
        text = "Whether the app is published shows when the first account is connected."
        mend = guide.mend(Check.TESTING, credentials, place)
        yield Finding(Check.TESTING, Verdict.UNSURE, "Publishing status", text, mend)


def _accounts(app: OAuthApp, guide: Guide | None, credentials: AppCredentials, place: Place) -> Iterator[Finding]:
    """Ask every service of some accounts: an API that is off and a permission that is missing show only there."""
    mine = Connection.objects.filter(app=app, state=State.ACTIVE).select_related("app", "user")
    working: dict[Service, int] = {}
    told: set[tuple[Check, Service]] = set()
    for connection in mine.order_by("-created_at")[:MOST_ACCOUNTS]:
        for tried in probe(Accounts(connection.user), connection, map(Service, sorted(connection.chosen_services))):
            if tried.works:
                working[tried.service] = working.get(tried.service, 0) + 1
                continue
            finding = explained(tried, guide, credentials, place)
            # An API is off for everybody; one account says it for all.
            if finding.check is not Check.API or (Check.API, tried.service) not in told:
                told.add((finding.check, tried.service))
                yield finding
    spec = registry[app.provider]
    for service, count in working.items():
        text = f"{spec.name_of(service)} answers for {count} account{'' if count == 1 else 's'}."
        yield Finding(Check.API, Verdict.OK, spec.name_of(service), text)
    if not working and not told:
        text = "APIs and permissions can be tried as soon as an account is connected."
        yield Finding(Check.API, Verdict.UNSURE, "Services", text)


def explained(tried: Probe, guide: Guide | None, credentials: AppCredentials, place: Place) -> Finding:
    """A service that does not work, as a finding: where the setup is to blame, with the page and what to click."""
    check = guide.check_of(tried.cause) if guide and tried.cause else None
    if guide is None or check is None:
        verdict = Verdict.UNSURE if tried.error in ("TemporaryFailure", "RateLimited", "QuotaUsedUp") else Verdict.WRONG
        mend = Mend(clicks=(tried.remedy,) if tried.remedy else ())
        return Finding(Check.REACHABLE, verdict, tried.name, tried.problem, mend, tried.code, tried.account)
    title = f"{tried.name}: {'permission' if check is Check.SCOPE else 'API' if check is Check.API else 'app'}"
    mend = guide.mend(check, credentials, place, tried.service)
    if check is Check.SCOPE:
        mend = replace(mend, clicks=(*mend.clicks[:-1], f"Reconnect {tried.account}, and leave every box ticked"))
    account = "" if check is Check.API else tried.account
    return Finding(check, Verdict.WRONG, title, tried.problem, mend, tried.code, account)


def _push(app: OAuthApp, guide: Guide | None, credentials: AppCredentials, place: Place) -> Iterator[Finding]:
    spec, title = registry[app.provider], "Being told of changes"
    if spec.hear is None:
        return
    asks = f"OsMEN asks {spec.name} every {settings.OSMEN_POLL_SECONDS} seconds instead, and misses nothing."
    kept = bool(spec.keeps and spec.keeps.configured(credentials.endpoints))
    if not place.push_address and not kept:
        mend = Mend(clicks=("Serve OsMEN at a public https:// address", "Set OSMEN_PUBLIC_URL to it, and start again"))
        text = f"This OsMEN has no public address that {spec.name} could reach. {asks}"
        yield Finding(Check.PUSH, Verdict.NOTE, title, text, mend)
        return
    if place.push_address and (why := _unreachable(place.push_address)) and not app.sandbox:
        mend = Mend(clicks=("Set OSMEN_PUSH_URL to a public https:// address", "Start OsMEN again"))
        text = f"{spec.name} cannot reach {place.push_address}: {why}. {asks}"
        yield Finding(Check.PUSH, Verdict.WRONG, title, text, mend)
        return
    if guide and (missing := guide.push_trouble(credentials, place)) is not None:
        yield missing
    refused = Channel.objects.filter(collection__connection__app=app).exclude(last_error="")
    if (channel := refused.select_related("collection__connection").first()) is not None:
        text = f"{spec.name} did not agree to tell of changes: {channel.last_error}"
        mend = guide.mend(Check.PUSH, credentials, place) if guide else Mend()
        account = channel.collection.connection.email
        yield Finding(Check.PUSH, Verdict.WRONG, title, text, mend, account=account)
    elif Channel.objects.filter(collection__connection__app=app, heard_at__isnull=False).exists():
        at = f"at {place.push_address}" if place.push_address else "in a subscription that OsMEN asks"
        yield Finding(Check.PUSH, Verdict.OK, title, f"{spec.name} tells of changes {at}.")


def _unreachable(address: str) -> str:
    """Why nobody outside can reach an address; empty where it looks public."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return "it is not https"
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = "." not in host or host.endswith((".local", ".internal", ".lan", ".home.arpa", ".localhost"))
    return f"{host} is a name of this machine or its network" if private else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"
