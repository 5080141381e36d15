"""A first sync whose process is killed outright again and again: what is here in the end, and which pages came twice.

Quotas are lifted meanwhile: they would only make it wait, and ``test_quota`` is about them. How many messages and kills
there are is left to the test or the soak.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from integrations.models import Connection
from integrations.sync import budget
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.providers.sandbox_process import SandboxProcess
from tests.sync.comparing import differences
from tests.sync.processes import Workers, the_dead_let_go

LATE_MS = 100  # so that a page has a middle
BEFORE_THE_LAST_KILL = 0.8  # of the messages, so that the last leaves something to be done
AT_ONCE = 500  # messages in a call that seeds
PATIENCE_SECONDS = 600
SYNC = "tests.sync.first_sync:sync"


@dataclass(frozen=True)
class Pages:
    """How a provider lists messages: at which path, how many on the first page and the others, and about how long one
    of them takes to be read and stored. Gmail has one list for all; Outlook one a folder, to be asked after its walk.
    """

    service: str
    path: str
    first: int
    others: int
    seconds: float
    by_folder: bool

    def least(self, messages: int, folders: int) -> int:
        """How many of them a first sync reads that nobody kills, where one folder has all the messages."""
        walk = 1 + math.ceil(max(0, messages - self.first) / self.others)
        return walk + (2 * folders - 1 if self.by_folder else 0)


PAGES = {
    "google": Pages("gmail", "/gmail/v1/users/me/messages", 50, 100, 0.5, by_folder=False),
    "microsoft": Pages("graph", "/messages/delta", 50, 50, 0.3, by_folder=True),
}


@contextmanager
def no_quotas() -> Iterator[None]:
    """Every call is in the budget."""
    with mock.patch.object(budget, "_wait", lambda key, sizes, limit, seconds: sizes[0]):
        yield


def sync() -> None:
    """What a worker does until it is killed."""
    with no_quotas():
        engine.sync_everything()


class Heard:
    """Counts the calls that read one path of a sandbox from now on, which itself remembers some thousand calls only."""

    def __init__(self, sandbox: SandboxProcess, path: str) -> None:
        self._sandbox, self._path, self.calls = sandbox, path, 0
        self._last = max((call["number"] for call in sandbox.calls()), default=0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count what is asked meanwhile."""
        over = threading.Event()

        def listen() -> None:
            while not over.wait(0.2):
                self._listen()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self._listen()

    def _listen(self) -> None:
        for call in self._sandbox.calls(self._last):
            assert call["number"] == self._last + 1, "calls were forgotten before they were counted"
            self._last = call["number"]
            self.calls += call["verb"] == "GET" and call["path"].endswith(self._path)


class FirstSync:
    """The first sync of a new account with so many messages; nothing of it has begun."""

    def __init__(self, person: Person, provider: str, messages: int) -> None:
        self.sandbox, self.messages, self.pages = person.sandbox, messages, PAGES[provider]
        account = {"provider": provider, "email": "many@history.example"}
        self.sandbox.control("seed", accounts=[account])
        for first in range(0, messages, AT_ONCE):
            some = range(first, min(first + AT_ONCE, messages))
            letters = [{**account, "subject": f"Letter {n}", "text": f"This is {n}."} for n in some]
            self.sandbox.control("seed", messages=letters)
        assert person.connects(provider, account["email"]).status_code == 302
        self.connection = Connection.objects.get(user=person.user, provider=provider, email=account["email"])
        self._heard = Heard(self.sandbox, self.pages.path)

    def here(self) -> int:
        """How many messages have come."""
        return Message.objects.filter(connection=self.connection).count()

    def killed(self, times: int, dice: random.Random) -> None:
        """So many lives, each of which brings a share of the messages and ends somewhere in one of the next pages."""
        self.sandbox.drill("latency", service=self.pages.service, ms=LATE_MS)
        with self._heard.listening(), Workers() as workers:
            for life in range(1, times + 1):
                enough = max(self.here() + 1, int(BEFORE_THE_LAST_KILL * self.messages * life / times))
                workers.begins(SYNC)
                deadline = time.monotonic() + PATIENCE_SECONDS
                while self.here() < enough:
                    assert time.monotonic() < deadline, f"only {self.here():,} messages came"
                    time.sleep(0.02)
                time.sleep(dice.uniform(0, self.pages.seconds))
                workers.kill()
                the_dead_let_go()
        assert self.here() < self.messages, "the kills came too late to prove anything"
        self.sandbox.drill("latency", service=self.pages.service, ms=0)

    def ends(self) -> list[str]:
        """Let it come to its end. Answers what is not here as it is there then, which should be nothing."""
        with no_quotas(), self._heard.listening():
            engine.sync_everything()
        here, found = self.here(), differences(self.sandbox, self.connection)
        return found if here == self.messages else [f"{here:,} of {self.messages:,} messages are here", *found]

    def read_twice(self) -> int:
        """How many pages were read more often than was necessary."""
        folders = self.connection.collections.filter(service="mail").exclude(provider_id="").count()
        return self._heard.calls - self.pages.least(self.messages, folders)
