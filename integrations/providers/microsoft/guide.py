"""Registering an app in Microsoft Entra: what to click, and what can be seen of it from outside.

Sources: Microsoft identity platform, "Register an application", "Authentication and authorization error codes". What
refusals of a renewal mean is left to ``oauth_errors``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from integrations.errors import IntegrationError, MisconfiguredApp, ScopeMissing
from integrations.providers.base import AppCredentials
from integrations.providers.guides import Check, Copied, Finding, Mend, Place, PushField, Step, Verdict, clock
from integrations.providers.http import Request, Response, send
from integrations.providers.microsoft.oauth_errors import BECAUSE
from integrations.records import Service

ENTRA = "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps"
_APP = ENTRA + "/ApplicationMenuBlade/~/{blade}/appId/{client_id}"
_NUMBER = re.compile(r"AADSTS(\d+)|\"sErrorCode\":\"(\d+)\"|error code:? (\d{5,7})")
AUDIENCES = {
    "common": "Accounts in any organizational directory and personal Microsoft accounts",
    "organizations": "Accounts in any organizational directory",
    "consumers": "Personal Microsoft accounts only",
}
_OWN = "Accounts in this organizational directory only"

# The numbers may change and only explain (see ``oauth_errors``); an unknown one leaves the check undecided.
_MEANS = {
    50011: Check.REDIRECT,
    500112: Check.REDIRECT,
    90002: Check.TENANT,
    900023: Check.TENANT,
    50194: Check.AUDIENCE,
    700016: Check.AUDIENCE,
    9002331: Check.AUDIENCE,
    9002346: Check.AUDIENCE,
    50020: Check.AUDIENCE,
    700025: Check.CLIENT_TYPE,
    9002325: Check.CLIENT_TYPE,
    9002327: Check.CLIENT_TYPE,
    7000215: Check.SECRET,
    7000218: Check.SECRET,
    7000222: Check.SECRET,
}
_TITLES = {
    Check.REDIRECT: "Redirect address",
    Check.TENANT: "Tenant",
    Check.AUDIENCE: "Supported account types",
    Check.CLIENT_TYPE: "Platform",
    Check.SECRET: "Client id and secret",
}


class MicrosoftGuide:
    """A ``Guide``."""

    has_testing = False
    # "Redirect URI restrictions", localhost exceptions: the port is ignored there, the path is not.
    loopback = "http://localhost:{port}"
    push_fields: tuple[PushField, ...] = ()
    push_key = ""

    def steps(self, place: Place) -> tuple[Step, ...]:
        return (
            Step(
                "Register the app",
                "Choose who may sign in; the tenant below must fit. The redirect address must be registered exactly "
                "as it stands here, for the platform Web.",
                f"{ENTRA}/CreateApplicationBlade",
                "Register an application",
                (
                    "Name it, for example OsMEN",
                    f"Supported account types: {AUDIENCES['common']}",
                    "Redirect URI: Web, and paste",
                    "Register",
                ),
                (Copied("Redirect address", place.redirect_uri),),
            ),
            Step(
                "Add the permissions",
                "All of them are delegated: OsMEN acts for the person who allowed it, and for nobody else.",
                f"{ENTRA}/ApplicationsListBlade",
                "App registrations",
                (
                    "Open the app, then API permissions",
                    "Add a permission, Microsoft Graph, Delegated permissions",
                    "Tick each of these",
                    "Add permissions",
                ),
                (Copied("Permissions", "\n".join(place.scopes)),),
            ),
            Step(
                "Make a secret",
                "Copy its value, not its id: it is shown this once. Note when it ends; OsMEN warns when Microsoft says "
                "that it has.",
                f"{ENTRA}/ApplicationsListBlade",
                "App registrations",
                ("Open the app, then Certificates & secrets", "New client secret", "Expires: 730 days", "Copy Value"),
            ),
            Step(
                "Copy the ids",
                "The overview has the application (client) id, and the directory (tenant) id if you need one below.",
                f"{ENTRA}/ApplicationsListBlade",
                "App registrations",
                ("Open the app, then Overview", "Copy Application (client) ID"),
            ),
        )

    def push_steps(self, place: Place) -> tuple[Step, ...]:
        return ()

    def push_gap(self, names: Mapping[str, str], key: str, has_key: bool) -> str:
        return ""

    def examine(self, app: AppCredentials, place: Place) -> Iterator[Finding]:
        known = send(Request("GET", f"{app.address('authority')}/{app.tenant}/v2.0/.well-known/openid-configuration"))
        if (apart := clock(known, "Microsoft")) is not None:
            yield apart
        if not known.ok and _number(known) in _MEANS:
            yield self._wrong(Check.TENANT, app, place, _number(known))
            return
        seen: set[Check] = set()
        for finding in (self.redirect(app, place), self._secret(app, place)):
            if finding.check not in seen:
                seen.add(finding.check)
                yield finding
        if not seen & {Check.TENANT, Check.AUDIENCE}:
            text = f"The app takes {_accounts(app.tenant)}."
            yield Finding(Check.AUDIENCE, Verdict.OK, _TITLES[Check.AUDIENCE], text)

    def redirect(self, app: AppCredentials, place: Place) -> Finding:
        """``prompt=none`` is answered at the redirect address if that is registered, and on a page if it is not."""
        asked = {
            "client_id": app.client_id,
            "redirect_uri": place.redirect_uri,
            "response_type": "code",
            "response_mode": "query",
            "scope": "openid",
            "prompt": "none",
        }
        answer = send(Request("GET", app.address("authorize"), params=asked))
        if 300 <= answer.status < 400 and answer.headers.get("location", "").startswith(place.redirect_uri):
            text = f"Microsoft sends people back to {place.redirect_uri}."
            return Finding(Check.REDIRECT, Verdict.OK, _TITLES[Check.REDIRECT], text)
        number = _number(answer)
        if number in _MEANS:
            return self._wrong(_MEANS[number], app, place, number)
        text = "Microsoft does not say before somebody signs in whether the address is registered. Compare it there."
        mend = self.mend(Check.REDIRECT, app, place)
        code = f"AADSTS{number}" if number else str(answer.status)
        return Finding(Check.REDIRECT, Verdict.UNSURE, _TITLES[Check.REDIRECT], text, mend, code)

    def _secret(self, app: AppCredentials, place: Place) -> Finding:
        """An invented code is refused as such by whoever has accepted the client."""
        form = {
            "grant_type": "authorization_code",
            "code": "osmen-setup-check",
            "redirect_uri": place.redirect_uri,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "scope": "openid",
        }
        answer = send(Request.with_form("POST", app.address("token"), form))
        number, error = _number(answer), str(answer.error_json().get("error", ""))
        if number in _MEANS and _MEANS[number] is not Check.REDIRECT:
            return self._wrong(_MEANS[number], app, place, number)
        if error in ("invalid_client", "unauthorized_client"):
            return self._wrong(Check.SECRET, app, place, number)
        if error == "invalid_grant" and number == 70000:
            text = "Microsoft knows the app and its secret."
            return Finding(Check.SECRET, Verdict.OK, _TITLES[Check.SECRET], text)
        text = "Microsoft did not look at the secret yet. The first account that you connect proves it."
        return Finding(
            Check.SECRET, Verdict.UNSURE, _TITLES[Check.SECRET], text, code=f"{error} {number or ''}".strip()
        )

    def _wrong(self, check: Check, app: AppCredentials, place: Place, number: int) -> Finding:
        texts = {
            Check.REDIRECT: f"{place.redirect_uri} is not among the app’s redirect URIs for the platform Web.",
            Check.TENANT: f"There is no tenant {app.tenant}, or it is in another cloud.",
            Check.AUDIENCE: f"The app does not take {_accounts(app.tenant)}, for which its tenant is set here.",
            Check.CLIENT_TYPE: "The redirect address is registered for a single-page, mobile or desktop app. "
            "OsMEN is a web app, with a secret.",
            Check.SECRET: BECAUSE.get(number, "Microsoft does not accept the app’s secret."),
        }
        code = f"AADSTS{number}" if number else ""
        return Finding(check, Verdict.WRONG, _TITLES[check], texts[check], self.mend(check, app, place), code)

    def push_trouble(self, app: AppCredentials, place: Place) -> Finding | None:
        return None

    def check_of(self, error: IntegrationError) -> Check | None:
        if isinstance(error, ScopeMissing):
            return Check.SCOPE
        if not isinstance(error, MisconfiguredApp):
            return None
        numbers = [int(n) for n in re.findall(r"AADSTS(\d+)", error.code)]
        return next((_MEANS[n] for n in numbers if n in _MEANS), Check.SECRET)

    def mend(self, check: Check, app: AppCredentials, place: Place, service: Service | None = None) -> Mend:
        def blade(name: str) -> str:
            return _APP.format(blade=name, client_id=app.client_id)

        if check is Check.REDIRECT:
            clicks: tuple[str, ...] = ("Web: Add URI", f"Paste {place.redirect_uri}", "Save")
            return Mend(blade("Authentication"), "Authentication", clicks)
        if check is Check.CLIENT_TYPE:
            clicks = (
                "Remove the address from the other platform",
                "Add a platform: Web",
                f"Paste {place.redirect_uri}",
                "Allow public client flows: No",
                "Save",
            )
            return Mend(blade("Authentication"), "Authentication", clicks)
        if check is Check.TENANT:
            clicks = ("Copy Directory (tenant) ID", "Set it as the tenant in OsMEN, or choose “any account”")
            return Mend(blade("Overview"), "Overview", clicks)
        if check is Check.AUDIENCE:
            wanted = AUDIENCES.get(app.tenant, _OWN)
            clicks = (
                f"Supported account types: {wanted}",
                "Save",
                "Or set the tenant in OsMEN to what is chosen there",
            )
            return Mend(blade("Authentication"), "Authentication", clicks)
        if check is Check.SECRET:
            clicks = ("New client secret", "Copy Value", "Store it in OsMEN")
            return Mend(blade("Credentials"), "Certificates & secrets", clicks)
        if check is Check.SCOPE:
            clicks = ("Add a permission, Microsoft Graph, Delegated", "Tick what is missing", "Reconnect the account")
            return Mend(blade("CallAnAPI"), "API permissions", clicks)
        return Mend(blade("Overview"), "Overview")


def _number(answer: Response) -> int:
    """The AADSTS number in an answer or a page; 0 for none."""
    codes = answer.error_json().get("error_codes") or ()
    if codes and str(codes[0]).isdigit():
        return int(codes[0])
    found = _NUMBER.search(answer.headers.get("location", "") + answer.text[:200_000])
    return int(next(filter(None, found.groups()))) if found else 0


def _accounts(tenant: str) -> str:
    named = {
        "common": "work, school and personal accounts",
        "organizations": "work and school accounts of any organisation",
        "consumers": "personal accounts",
    }
    return named.get(tenant, f"accounts of the tenant {tenant}")
