"""Every drill: its name, what it takes, and what OsMEN should do about it. What it does is in the modules beside this.

``expect`` describes what a person sees, so that whoever presses a drill knows whether OsMEN passes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.applications import Starlette

from sandbox.control import access, changes, consoles, tidings, troubles
from sandbox.control.consoles import APIS
from sandbox.faults import SERVICES
from sandbox.misregistered import WHAT
from sandbox.quotas import TABLES

Run = Callable[[Starlette, dict[str, Any]], dict[str, Any] | Awaitable[dict[str, Any]]]
Group = Literal["account", "grant", "setup", "service", "push", "all"]
GROUPS: dict[Group, str] = {
    "account": "In an account",
    "grant": "About access",
    "setup": "In the vendors' consoles",
    "service": "In a service",
    "push": "About notifications",
    "all": "For everything",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``account`` stands for ``provider`` and ``email``; ``start`` is what a form begins with."""

    name: str
    kind: Literal["account", "text", "number", "choice"] = "text"
    optional: bool = False
    start: str = ""
    choices: tuple[str, ...] = ()

    @property
    def aside(self) -> bool:
        """Whether most calls leave it empty, so that a form need not show it at once."""
        return self.optional and self.kind == "text"

    @property
    def takes(self) -> tuple[str, ...]:
        """The names in the JSON of a call; "?" marks those that may be left out."""
        mark = "?" if self.optional else ""
        return (f"provider{mark}", f"email{mark}") if self.kind == "account" else (f"{self.name}{mark}",)


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill."""

    group: Group
    title: str
    run: Run
    expect: str
    fields: tuple[Field, ...] = ()

    @property
    def does(self) -> str:
        """What it does, in a sentence."""
        return (self.run.__doc__ or "").partition("\n")[0].replace("``", "")

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of all fields in the JSON of a call."""
        return tuple(name for field in self.fields for name in field.takes)


ACCOUNT = Field("account", "account")
ANYBODY = Field("account", "account", optional=True)
SERVICE = Field("service", "choice", choices=SERVICES)
ONLY_FOR = Field("email", optional=True)
TEXT = (Field("subject", optional=True), Field("from", optional=True), Field("text", optional=True))


def _count(start: int = 3, *, optional: bool = False) -> Field:
    return Field("count", "number", optional, str(start))


def _seconds(start: int) -> Field:
    return Field("seconds", "number", start=str(start))


def _ms(start: int) -> Field:
    return Field("ms", "number", start=str(start))


def _one_of(name: str, *choices: str, optional: bool = True) -> Field:
    return Field(name, "choice", optional, choices[0], choices)


_RETRIED = "tries again by itself, later and later, and says so on Integrations; nothing is lost or doubled."
_UNSEEN = "notices nothing worse than a delay: polling finds what the notification would have told."

DRILLS: dict[str, Drill] = {
    "add-mail": Drill(
        "account",
        "Add mail",
        changes.add_mail,
        "shows it in the inbox within a minute, or at once after Sync now.",
        (ACCOUNT, *TEXT, _count(1, optional=True)),
    ),
    "send-invitation": Drill(
        "account",
        "Send an invitation",
        changes.send_invitation,
        "shows the mail in the inbox and the event in the calendar, not answered yet.",
        (ACCOUNT, Field("subject", optional=True)),
    ),
    "move-meeting": Drill(
        "account",
        "Move a meeting",
        changes.move_meeting,
        "shows the meeting at its new time, once.",
        (ACCOUNT, Field("minutes", "number", True, "60")),
    ),
    "change-at-provider": Drill(
        "account",
        "Change something at the provider",
        changes.change_at_provider,
        "shows the new star and read state; an own edit that is on its way is not undone.",
        (ACCOUNT,),
    ),
    "delete-at-provider": Drill(
        "account",
        "Delete something",
        changes.delete_at_provider,
        "no longer shows it, and has as many of each kind as there are at the provider.",
        (ACCOUNT, _one_of("what", "message", "meeting", "contact")),
    ),
    "merge-contacts": Drill(
        "account", "Merge two contacts", changes.merge_contacts, "shows one person where there were two.", (ACCOUNT,)
    ),
    "revoke-grant": Drill(
        "grant",
        "Revoke a grant",
        access.revoke_grant,
        "stops that connection, asks to reconnect on Integrations, keeps what it has; other accounts go on.",
        (ACCOUNT, Field("client_id", optional=True)),
    ),
    "expire-access-tokens": Drill(
        "grant",
        "Expire access tokens",
        access.expire_access_tokens,
        "renews the token once and goes on; nobody sees anything.",
        (ANYBODY,),
    ),
    "change-password": Drill(
        "grant",
        "Change the password",
        access.change_password,
        "asks to reconnect at Google; at Microsoft it goes on, unless an administrator changed it.",
        (ACCOUNT, _one_of("by", "user", "admin")),
    ),
    "testing-expiry": Drill(
        "grant",
        "End a grant as testing mode does",
        access.expire_testing_grant,
        "asks to reconnect. While it works, its card says that an app in testing mode gets seven days, and what to do.",
        (ACCOUNT,),
    ),
    "refuse-consent": Drill(
        "grant",
        "Let an administrator refuse",
        access.refuse_consent,
        "is not told: the person stays on the vendor's page. No connection is half made.",
        (_one_of("reason", "admin_policy_enforced", "org_internal"), _count(1, optional=True)),
    ),
    "rotate-signing-keys": Drill(
        "grant",
        "Rotate the signing keys",
        access.rotate_signing_keys,
        "fetches the new keys at the next sign-in and connects as before.",
        (_one_of("provider", "google", "microsoft", optional=False),),
    ),
    "misregister-app": Drill(
        "setup",
        "Get the registration wrong",
        consoles.misregister_app,
        "says on Setup, after “Check this setup”, what is wrong, which page to open and what to click there.",
        (_one_of("provider", "google", "microsoft", optional=False), _one_of("what", *WHAT, optional=False)),
    ),
    "disable-api": Drill(
        "setup",
        "Switch an API off",
        consoles.disable_api,
        "says on Setup which API to enable, and on which page; other services go on.",
        (_one_of("api", *APIS, optional=False),),
    ),
    "take-permission": Drill(
        "setup",
        "Take a permission away",
        consoles.take_permission,
        "switches the service off, says what it may not do, and offers to reconnect; at Microsoft, where all consent is"
        " asked for again, it stops until then.",
        (ACCOUNT, _one_of("service", *consoles.SERVICES, optional=False)),
    ),
    "expire-cursors": Drill(
        "service",
        "Expire the cursors",
        troubles.expire_cursors,
        "reads everything again by itself; nothing is shown twice, deleted things go.",
        (ANYBODY, _one_of("graph_status", "410", "404", "400")),
    ),
    "rate-limit": Drill(
        "service",
        "Too many calls",
        troubles.rate_limit,
        "waits as long as it is told, says until when on Integrations, then goes on; other accounts are not held up.",
        (SERVICE, _seconds(30), ONLY_FOR),
    ),
    "server-errors": Drill("service", "Server errors", troubles.server_errors, _RETRIED, (SERVICE, _count(), ONLY_FOR)),
    "latency": Drill(
        "service",
        "Slow answers",
        troubles.latency,
        "stays quick: pages never wait for a provider, and syncing takes longer.",
        (SERVICE, _ms(1500), Field("jitter", "number", True, "500"), ONLY_FOR),
    ),
    "drop-connections": Drill(
        "service", "Drop the connection", troubles.drop_connections, _RETRIED, (SERVICE, _count(), ONLY_FOR)
    ),
    "truncate-answers": Drill(
        "service", "Truncated JSON", troubles.truncate_answers, _RETRIED, (SERVICE, _count(), ONLY_FOR)
    ),
    "slow-drip": Drill(
        "service",
        "Slow drip",
        troubles.slow_drip,
        "waits or gives up in time, and goes on with other accounts meanwhile.",
        (SERVICE, _ms(3000), ONLY_FOR),
    ),
    "vanish-messages": Drill(
        "service",
        "Messages vanish",
        troubles.vanish_messages,
        "skips what is gone between the list and the look, and reads the rest.",
        (_count(2),),
    ),
    "batch-refusals": Drill(
        "service",
        "Refusals inside a batch",
        troubles.batch_refusals,
        "asks again for what was refused and for nothing else.",
        (_count(3),),
    ),
    "replay": Drill("service", "Replays", troubles.replay, "shows everything once.", (_count(3),)),
    "quota-table": Drill(
        "service",
        "Count against quotas",
        troubles.quota_table,
        "spreads its calls so that a first sync takes longer and is not refused for long.",
        (_one_of("table", *TABLES, optional=False), Field("client_id", optional=True)),
    ),
    "unknown-properties": Drill(
        "service", "Unknown properties", troubles.unknown_properties, "ignores what it does not know.", (_seconds(60),)
    ),
    "pascal-case": Drill(
        "service", "Capitals in values", troubles.pascal_case, "reads values whatever their case.", (_seconds(60),)
    ),
    "push-drop": Drill("push", "Lose notifications", tidings.push_drop, _UNSEEN, (_count(),)),
    "push-duplicate": Drill(
        "push",
        "Double notifications",
        tidings.push_duplicate,
        "answers both; nothing is shown twice.",
        (_count(),),
    ),
    "push-delay": Drill("push", "Delay notifications", tidings.push_delay, _UNSEEN, (_ms(10_000),)),
    "forge-push": Drill(
        "push",
        "Forge a notification",
        tidings.forge_push,
        "refuses it, syncs nothing, and says so in its log without the secret.",
        (ACCOUNT, _one_of("wrong", "audience", "email", "expired", "key")),
    ),
    "lifecycle-event": Drill(
        "push",
        "A subscription's fate",
        tidings.lifecycle_event,
        "reauthorises, subscribes anew or syncs, as the event says.",
        (ACCOUNT, _one_of("event", "reauthorizationRequired", "subscriptionRemoved", "missed", optional=False)),
    ),
    "advance-clock": Drill(
        "all",
        "Advance the clock",
        troubles.advance_clock,
        "renews what has aged; what died of age is said to have.",
        (_seconds(3600),),
    ),
    "end-faults": Drill("all", "End all faults", troubles.end_faults, "recovers by itself."),
}
