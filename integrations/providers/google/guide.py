"""What can be seen of an OAuth app at Google from outside, and where to put it right.

The way to an app is said in ``guide_steps``. What Google’s errors mean for calls is left to ``errors``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from integrations.errors import IntegrationError, MisconfiguredApp, ScopeMissing
from integrations.providers.base import AppCredentials
from integrations.providers.google import pull
from integrations.providers.google.errors import DISABLED
from integrations.providers.google.guide_steps import APIS, CONSOLE, push_steps, steps
from integrations.providers.guides import Check, Finding, Mend, Place, PushField, Step, Verdict, clock, first_of
from integrations.providers.http import Request, Response, send
from integrations.records import Service

# Any desktop client may be answered here, on any port (OAuth 2.0 for mobile & desktop apps, "Loopback IP address").
ANY_LOOPBACK = "http://127.0.0.1:49152"
# What Google's error page may say of the app itself (OAuth 2.0 for web server applications, "Authorization errors").
PAGE_ERRORS = {
    "redirect_uri_mismatch": Check.REDIRECT,
    "invalid_client": Check.SECRET,
    "deleted_client": Check.SECRET,
    "disabled_client": Check.SECRET,
    "org_internal": Check.AUDIENCE,
    "admin_policy_enforced": Check.AUDIENCE,
    "invalid_request": Check.CLIENT_TYPE,
}


class GoogleGuide:
    """A ``Guide``."""

    has_testing = True
    # OAuth 2.0 for mobile & desktop apps, "Loopback IP address": any port for a desktop client alone.
    loopback = "http://127.0.0.1:{port}/"
    push_fields: tuple[PushField, ...] = (
        PushField("pubsub_topic", "Topic", r"projects/[^/\s]+/topics/[^/\s]+", "projects/my-project/topics/osmen"),
        PushField(
            "pubsub_account",
            "Service account that signs the pushes",
            r"[^@\s]+@[^@\s]+\.[^@\s]+",
            "osmen-push@my-project.iam.gserviceaccount.com",
        ),
        PushField(
            "pubsub_subscription",
            "Subscription to fetch from",
            pull.NAME.pattern,
            "projects/my-project/subscriptions/osmen",
        ),
    )
    push_key = "Key of the service account that fetches"

    def steps(self, place: Place) -> tuple[Step, ...]:
        return steps(place)

    def push_steps(self, place: Place) -> tuple[Step, ...]:
        return push_steps(place)

    def push_gap(self, names: Mapping[str, str], key: str, has_key: bool) -> str:
        topic, account, subscription = (names.get(field.name, "") for field in self.push_fields)
        if key:
            pull.read_key(key)
        if not topic:
            return "The topic is needed in any case." if account or subscription or key else ""
        if not account and not subscription:
            return "Give the service account that signs the pushes, or a subscription to fetch from."
        if subscription and not key and not has_key:
            return "Fetching needs the JSON key of a service account that may read the subscription."
        return "The key is for a subscription: give its name as well." if key and not subscription else ""

    def redirect(self, app: AppCredentials, place: Place) -> Finding:
        return self._redirect(app, place, _page_error(_authorize(app, place, place.redirect_uri)))

    def examine(self, app: AppCredentials, place: Place) -> Iterator[Finding]:
        answer = _authorize(app, place, place.redirect_uri)
        if (apart := clock(answer, "Google")) is not None:
            yield apart
        yield self._redirect(app, place, _page_error(answer))
        yield self._secret(app, place)

    def _redirect(self, app: AppCredentials, place: Place, error: str) -> Finding:
        known = PAGE_ERRORS.get(error)
        uri = place.redirect_uri
        if error == "":
            text = f"Google sends people back to {uri}."
            return Finding(Check.REDIRECT, Verdict.OK, "Redirect address", text)
        if known in (Check.REDIRECT, Check.CLIENT_TYPE):
            if known is Check.CLIENT_TYPE or _page_error(_authorize(app, place, ANY_LOOPBACK)) == "":
                text = (
                    "This client is of the type “Desktop app”. Browsers connect with a “Web application” client only."
                )
                found = Finding(Check.CLIENT_TYPE, Verdict.WRONG, "Client type", text, code=error)
            else:
                text = f"{uri} is not among the client’s authorised redirect URIs."
                found = Finding(Check.REDIRECT, Verdict.WRONG, "Redirect address", text, code=error)
        elif known is Check.AUDIENCE:
            text = "The app is for one organisation’s accounts only, or its administrator does not allow it."
            found = Finding(Check.AUDIENCE, Verdict.WRONG, "Audience", text, code=error)
        elif known is Check.SECRET:
            text = "Google does not know this client id any more: the client was deleted or switched off."
            found = Finding(Check.SECRET, Verdict.WRONG, "Client", text, code=error)
        else:
            text = f"Google’s sign-in page answered with {error}; whether the address is registered cannot be seen."
            return Finding(Check.REDIRECT, Verdict.UNSURE, "Redirect address", text, code=error)
        return found.mended_by(self.mend(found.check, app, place))

    def _secret(self, app: AppCredentials, place: Place) -> Finding:
        """An invented code is refused as such only after the client was recognised."""
        form = {
            "grant_type": "authorization_code",
            "code": "4/osmen-setup-check",
            "redirect_uri": place.redirect_uri,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        answer = send(Request.with_form("POST", app.address("token"), form))
        error = str(answer.error_json().get("error", ""))
        if error in ("invalid_grant", "redirect_uri_mismatch"):
            return Finding(Check.SECRET, Verdict.OK, "Client id and secret", "Google knows the client and its secret.")
        if error in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client"):
            text = "Google does not accept the client’s secret: it was replaced, switched off or belongs to another."
            mend = self.mend(Check.SECRET, app, place)
            return Finding(Check.SECRET, Verdict.WRONG, "Client id and secret", text, mend, error)
        text = "Google’s sign-in service gave no clear answer. Check again in a minute."
        return Finding(Check.SECRET, Verdict.UNSURE, "Client id and secret", text, code=error or str(answer.status))

    def push_trouble(self, app: AppCredentials, place: Place) -> Finding | None:
        topic = app.endpoints.get("pubsub_topic", "")
        account = app.endpoints.get("pubsub_account", "")
        mend = self.mend(Check.PUSH, app, place)
        if not topic:
            text = "Calendars are told of. Gmail needs a Pub/Sub topic, which is not configured; mail is asked for."
            return Finding(Check.PUSH, Verdict.NOTE, "Gmail’s changes", text, mend)
        if not account and not app.endpoints.get("pubsub_subscription"):
            text = "A topic is configured, but not the service account that signs its pushes: all are refused."
            return Finding(Check.PUSH, Verdict.WRONG, "Gmail’s changes", text, mend)
        return None

    def check_of(self, error: IntegrationError) -> Check | None:
        if isinstance(error, ScopeMissing):
            return Check.SCOPE
        if isinstance(error, MisconfiguredApp):
            return Check.API if error.code in DISABLED else Check.SECRET
        return None

    def mend(self, check: Check, app: AppCredentials, place: Place, service: Service | None = None) -> Mend:
        # A client id begins with the number of its project.
        number = app.client_id.partition("-")[0]
        project = f"?project={number}" if number.isdigit() else ""
        client = f"{CONSOLE}/auth/clients/{app.client_id}{project}"
        if check is Check.REDIRECT:
            clicks: tuple[str, ...] = (
                "Authorised redirect URIs: Add URI",
                f"Paste {place.redirect_uri}",
                "Save, and wait five minutes",
            )
            return Mend(client, "the client", clicks)
        if check is Check.CLIENT_TYPE:
            made = ("Application type: Web application", f"Add the redirect URI {place.redirect_uri}", "Create")
            return Mend(
                f"{CONSOLE}/auth/clients/create{project}", "Create OAuth client", (*made, "Give its JSON to OsMEN")
            )
        if check is Check.SECRET:
            clicks = ("Client secrets: Add secret", "Copy it, and store it in OsMEN", "Disable the old one")
            return Mend(client, "the client", clicks)
        if check is Check.TESTING:
            clicks = ("Publish app", "Confirm", "In OsMEN, reconnect each account once")
            return Mend(f"{CONSOLE}/auth/audience{project}", "Audience", clicks)
        if check is Check.AUDIENCE:
            return Mend(f"{CONSOLE}/auth/audience{project}", "Audience", ("User type: Make external", "Confirm"))
        if check is Check.API and service in APIS:
            name, host = APIS[service]
            return Mend(f"{CONSOLE}/apis/library/{host}{project}", name, ("Enable", "Wait a few minutes"))
        if check is Check.SCOPE:
            clicks = (
                "Add or remove scopes",
                "Tick what is missing",
                "Update",
                "Save",
                "Reconnect the account in OsMEN",
            )
            return Mend(f"{CONSOLE}/auth/scopes{project}", "Data access", clicks)
        if check is Check.PUSH:
            return Mend(f"{CONSOLE}/cloudpubsub/subscription/list{project}", "Subscriptions")
        return Mend(client, "the client")


def _authorize(app: AppCredentials, place: Place, redirect_uri: str) -> Response:
    """What a browser without a Google session is answered; ``prompt=none`` keeps Google from asking anything."""
    asked = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(place.scopes),
        "prompt": "none",
        "access_type": "offline",
    }
    return send(Request("GET", app.address("authorize"), params=asked))


def _page_error(answer: Response) -> str:
    """The error that Google's page shows; empty where it would go on. A redirect to the page has it in base64."""
    if 300 <= answer.status < 400:
        to = urlsplit(answer.headers.get("location", ""))
        packed = parse_qs(to.query).get("authError", [""])[0]
        if not packed:
            return ""
        try:
            text = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            text = ""
        return first_of(text, PAGE_ERRORS) or "authError"
    if answer.ok:
        return ""
    return first_of(answer.text, PAGE_ERRORS) or str(answer.status)
