"""What to click in the Google Cloud console, step by step: words and addresses alone.

Pages and names as of Google Auth Platform (console.cloud.google.com/auth).
"""

from __future__ import annotations

from integrations.providers.guides import Copied, Place, Step
from integrations.records import Service

CONSOLE = "https://console.cloud.google.com"
APIS = {
    Service.MAIL: ("Gmail API", "gmail.googleapis.com"),
    Service.CALENDAR: ("Google Calendar API", "calendar-json.googleapis.com"),
    Service.CONTACTS: ("People API", "people.googleapis.com"),
}
PUSH_PUBLISHER = "gmail-api-push@system.gserviceaccount.com"


def steps(place: Place) -> tuple[Step, ...]:
    """From nothing to an app's id and secret."""
    apis = [APIS[s] for s in APIS if s in place.services]
    ids = ",".join(host for _, host in apis)
    named = _listed([f"the {name}" for name, _ in apis])
    return (
        Step(
            "Make a project",
            "A project holds your app. One that you have already will do.",
            f"{CONSOLE}/projectcreate",
            "New project",
            ("Name it, for example OsMEN", "Create"),
        ),
        Step(
            "Enable the APIs",
            f"OsMEN uses {named}. Each is off in a new project.",
            f"{CONSOLE}/flows/enableapi?apiid={ids}",
            "Enable APIs",
            ("Choose the project", "Next", "Enable"),
        ),
        Step(
            "Describe the app",
            "People see this name when they allow access. Internal is for one Google Workspace organisation only.",
            f"{CONSOLE}/auth/overview",
            "Google Auth Platform",
            ("Get started", "App name and your address", "Audience: External", "Create"),
        ),
        Step(
            "Add the permissions",
            "The scopes that OsMEN asks for. Nothing else is ever asked.",
            f"{CONSOLE}/auth/scopes",
            "Data access",
            ("Add or remove scopes", "Paste them under “Manually add scopes”", "Update", "Save"),
            (Copied("Scopes", "\n".join(place.scopes)),),
        ),
        Step(
            "Publish it",
            "In testing mode Google ends every permission after seven days. Publishing ends that; an app for "
            "yourself and up to a hundred people needs no verification, only a click past Google’s warning.",
            f"{CONSOLE}/auth/audience",
            "Audience",
            ("Publish app", "Confirm"),
        ),
        Step(
            "Make the client",
            "The redirect address must be registered exactly as it stands here.",
            f"{CONSOLE}/auth/clients/create",
            "Create OAuth client",
            (
                "Application type: Web application",
                "Authorised redirect URIs: Add URI, and paste",
                "Create",
                "Download JSON",
            ),
            (Copied("Redirect address", place.redirect_uri),),
        ),
    )


def push_steps(place: Place) -> tuple[Step, ...]:
    """From nothing to being told of Gmail's changes."""
    return (
        Step(
            "Make a topic",
            "Gmail publishes changes to a Pub/Sub topic of yours.",
            f"{CONSOLE}/cloudpubsub/topic/create",
            "Create topic",
            ("Name it, for example osmen", "Leave “Add a default subscription” empty", "Create"),
        ),
        Step(
            "Let Gmail publish",
            "This account of Google’s needs the role Pub/Sub Publisher on the topic.",
            f"{CONSOLE}/cloudpubsub/topic/list",
            "Topics",
            ("Open the topic’s menu: View permissions", "Add principal", "Role: Pub/Sub Publisher", "Save"),
            (Copied("Principal", PUSH_PUBLISHER),),
        ),
        Step(
            "Either let Google push",
            "For an OsMEN at a public https:// address. Google signs each push with the service account that you "
            "choose; OsMEN believes no other.",
            f"{CONSOLE}/cloudpubsub/subscription/create",
            "Create subscription",
            (
                "Choose the topic",
                "Delivery type: Push",
                "Paste the endpoint",
                "Enable authentication, and choose a service account",
                "Audience: paste the endpoint again",
                "Create",
            ),
            (Copied("Endpoint and audience", place.push_address),) if place.push_address else (),
        ),
        Step(
            "Or let OsMEN fetch",
            "For an OsMEN that nobody outside can reach. It asks the subscription every ten seconds, by a key.",
            f"{CONSOLE}/cloudpubsub/subscription/create",
            "Create subscription",
            (
                "Choose the topic",
                "Delivery type: Pull",
                "Create",
                "Make a service account, with the role Pub/Sub Subscriber on the subscription",
                "Its keys: Add key, JSON; give the file to OsMEN below",
            ),
        ),
    )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
