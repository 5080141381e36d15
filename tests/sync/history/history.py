"""A history: some accounts, what happens to them at their providers, and OsMEN syncing them through thick and thin."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from django.utils import timezone

from contacts import actions
from contacts.models import Contact
from integrations.models import Budget, Change, Collection, Connection
from integrations.sync import loop
from mail.actions import perform
from mail.models import Thread
from mail.plans import Action
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.history.google import GoogleOwner
from tests.sync.history.here import differences
from tests.sync.history.microsoft import MicrosoftOwner
from tests.sync.history.owner import THERE, pick

Step = tuple[str, int]
OWNERS: dict[str, type[GoogleOwner] | type[MicrosoftOwner]] = {"google": GoogleOwner, "microsoft": MicrosoftOwner}
BOTH = ("google", "microsoft")
HERE = (
    "OsMEN syncs",
    "OsMEN polls",
    "OsMEN is told",
    "OsMEN is killed while it syncs",
    "OsMEN syncs in trouble",
    "the cursors expire",
    "the tokens expire",
    "a person edits",
    "someone is added here",
    "someone is edited here",
    "someone is deleted here",
    "a refusal is settled",
    "edits go out",
)
FAULTS = ("rate-limit", "server-errors", "drop-connections")


class Killed(BaseException):
    """What a killed process looks like from inside: nothing after it runs."""


class History:
    """Accounts at both providers that one person connected."""

    def __init__(self, person: Person, name: str, providers: tuple[str, ...] = BOTH) -> None:
        self.person, self.sandbox = person, person.sandbox
        self.steps: list[Step] = []
        self.accounts: list[tuple[Connection, GoogleOwner | MicrosoftOwner]] = []
        for number, provider in enumerate(providers):
            owner = OWNERS[provider](self.sandbox, f"{name}.{number}@history.example")
            account = {"provider": owner.provider, "email": owner.email}
            self.sandbox.control("seed", accounts=[{**account, "calendars": [{"name": "Second"}]}])
            for n in range(3):
                owner.mail_arrives(n)
                owner.event_is_made(n + 4)
                owner.person_is_added(n + 4)
            self.accounts.append((person.connected(owner.provider, owner.email), owner))

    def _own(self) -> dict[str, Callable[[int], object]]:
        return {
            "OsMEN syncs": self.sync,
            "OsMEN polls": self.poll,
            "OsMEN is told": self.be_told,
            "OsMEN is killed while it syncs": self.be_killed,
            "OsMEN syncs in trouble": self.sync_in_trouble,
            "the cursors expire": self.expire_cursors,
            "the tokens expire": self.expire_tokens,
            "a person edits": self.edit,
            "someone is added here": self.add_someone,
            "someone is edited here": self.edit_someone,
            "someone is deleted here": self.delete_someone,
            "a refusal is settled": self.settle,
            "edits go out": self.push,
        }

    def take(self, name: str, number: int) -> None:
        """Let a step happen; ``number`` settles which account and how."""
        self.steps.append((name, number))
        own = self._own().get(name)
        if own is not None:
            own(number)
        else:
            _, owner = self.accounts[number % len(self.accounts)]
            owner.steps()[name](number // len(self.accounts))

    def take_random(self, dice: random.Random, count: int, names: Sequence[str] = (*THERE, *HERE)) -> None:
        """So many steps by chance."""
        for _ in range(count):
            self.take(dice.choice(names), dice.randrange(1 << 16))

    # Steps of OsMEN

    def sync(self, n: int) -> None:
        engine.sync_everything()

    def poll(self, n: int) -> None:
        engine.poll_everything()

    def be_told(self, n: int) -> None:
        """Some pushes come, each twice, and the others are lost."""
        ids = Collection.objects.order_by("pk").values_list("pk", flat=True)
        told = [pk for place, pk in enumerate(ids) if n >> place % 16 & 1]
        for pk in (*told, *reversed(told)):
            loop.run(pk)

    def be_killed(self, n: int) -> None:
        save, left = loop.save, iter(range(n % 4))

        def saving(*given: object) -> None:
            if next(left, None) is None:
                raise Killed
            save(*given)  # type: ignore[arg-type]

        with mock.patch.object(loop, "save", saving):
            try:
                engine.sync_everything()
            except Killed:
                Collection.objects.update(lease=None)

    def sync_in_trouble(self, n: int) -> None:
        fault = FAULTS[n % 3]
        services = [s for _, owner in self.accounts for s in owner.services]
        amount = {"seconds": 30} if fault == "rate-limit" else {"count": 1 + n % 5}
        service = services[n // 3 % len(services)]
        self.sandbox.drill(fault, service=service, **amount)
        engine.sync_everything()
        self._end_trouble()

    def _end_trouble(self) -> None:
        for service in ("gmail", "calendar", "people", "graph"):
            self.sandbox.drill("rate-limit", service=service, seconds=0)
            for fault in FAULTS[1:]:
                self.sandbox.drill(fault, service=service, count=0)
        Connection.objects.update(wait_until=None)

    def expire_cursors(self, n: int) -> None:
        connection, _ = self.accounts[n % len(self.accounts)]
        self.sandbox.drill("expire-cursors", provider=connection.provider, email=connection.email)

    def expire_tokens(self, n: int) -> None:
        connection, _ = self.accounts[n % len(self.accounts)]
        self.sandbox.drill("expire-access-tokens", provider=connection.provider, email=connection.email)

    def edit(self, n: int) -> None:
        threads = list(Thread.objects.filter(user=self.person.user).order_by("pk"))
        if threads:
            actions = (Action.ARCHIVE, Action.STAR, Action.UNSTAR, Action.READ, Action.UNREAD)
            perform(self.person.user, actions[n % len(actions)], [threads[n // 5 % len(threads)].pk])

    def add_someone(self, n: int) -> None:
        connection, _ = self.accounts[n % len(self.accounts)]
        actions.create(connection, _fields(n))

    def edit_someone(self, n: int) -> None:
        if someone := self._someone(n):
            fields = dict(list(_fields(n).items())[n % 3 :])
            actions.update(someone, fields, {name: getattr(someone, name) for name in fields})

    def delete_someone(self, n: int) -> None:
        if someone := self._someone(n):
            actions.delete(someone)

    def _someone(self, n: int) -> Contact | None:
        people = Contact.objects.filter(user=self.person.user, read_only=False, leaving=False)
        found: Contact | None = pick(list(people.order_by("pk")), n // 3)
        return found

    def settle(self, n: int) -> None:
        """What was refused is tried over what is there now, or given up."""
        refused = Change.objects.filter(service="contacts", state="refused", connection__user=self.person.user)
        if change := pick(list(refused), n // 2):
            actions.settle_refused(self.person.user, change.id, again=bool(n % 2))

    def push(self, n: int) -> None:
        engine.push_all()

    # The end

    def quiet(self) -> list[str]:
        """Let all trouble end and everything be synced. Answers what differs then, which should be nothing."""
        began = timezone.now()
        self._end_trouble()
        self._let_time_pass()
        engine.push_all()
        # Where its owner said something else of the same, the provider has the last word; all else that is refused is
        # told below.
        for change in Change.objects.filter(service="contacts", state="refused", error_code="conflict"):
            actions.settle_refused(self.person.user, change.id, again=False)
        for _ in range(2):
            engine.sync_everything()
        collections = Collection.objects.select_related("connection")
        # First, because all else that differs may come of it.
        unsynced = collections.filter(enabled=True).exclude(succeeded_at__gte=began)
        found = [f"{c.name}, {c.service} of {c.connection.email}: not synced, due at {c.due_at}" for c in unsynced]
        found += [f"{c.name}: {c.last_error}" for c in collections.exclude(last_error="")]
        found += [d for connection, owner in self.accounts for d in differences(connection, owner)]
        waiting = Change.objects.exclude(state="done")
        return found + [f"edit {c.operation} is {c.state}: {c.error}" for c in waiting]

    def _let_time_pass(self) -> None:
        """Nothing waits any more: for its turn, for what the dead held, or for a quota that a busy history used up."""
        Change.objects.update(due_at=timezone.now())
        Collection.objects.update(lease=None)
        Budget.objects.update(spent=[])

    def forget(self) -> None:
        """Remove the accounts here."""
        for connection, _ in self.accounts:
            connection.delete()


def _fields(n: int) -> dict[str, Any]:
    """What the page of people says of somebody; of few numbers much alike, as two devices may say the same."""
    return {
        "given_name": f"Here {n % 40}",
        "emails": [[f"here{n % 40}@people.example", "work"]],
        "notes": f"Noted at {n}" if n % 4 else "",
        "family_name": f"Family {n % 7}",
        "organization": f"Company {n % 11}",
    }
