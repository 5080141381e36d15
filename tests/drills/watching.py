"""Presses the buttons of the sandbox's page of drills, and reads what OsMEN says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from playwright.sync_api import Locator, expect

from sandbox.control.board import ASIDE, label
from sandbox.control.catalogue import DRILLS
from tests.launcher.running import wait_for
from tests.system.browsing import Surfer
from tests.system.running import ACCOUNTS, System
from tests.system.test_journey import NAMES

ACCOUNT = {provider: f"{provider} {email}" for provider, email in ACCOUNTS}
FAILING = "Something did not work. OsMEN tries again by itself."
_WHAT = re.compile("“(.*)”", re.DOTALL)


class Watcher:
    """A person with OsMEN in one hand and the drills in the other."""

    def __init__(self, system: System, surfer: Surfer) -> None:
        self.system, self.surfer = system, surfer
        self.page = surfer.page
        self.named = ""

    def presses(self, name: str, **fields: str) -> datetime:
        """Hold a drill by its form; the fields by their names. Answers when. What it happened to is in ``named``."""
        drill, pressed = DRILLS[name], datetime.now(UTC)
        self.page.goto(f"{self.system.sandbox.base}/_sandbox/")
        form = self.page.get_by_role("region", name=drill.title, exact=True)
        for field in drill.fields:
            if field.name in fields:
                if field.aside:
                    form.get_by_text(ASIDE, exact=True).click()
                control = form.get_by_label(label(field), exact=True)
                if field.kind in ("account", "choice"):
                    control.select_option(fields[field.name])
                else:
                    control.fill(fields[field.name])
        form.get_by_role("button", name=drill.title, exact=True).click()
        status = self.page.get_by_role("status")
        expect(status).to_contain_text(f"Done: {drill.title}")
        found = _WHAT.search(status.inner_text())
        self.named = found[1] if found else ""
        return pressed

    def ends_faults(self) -> None:
        """Press the button under what is going on."""
        self.page.goto(f"{self.system.sandbox.base}/_sandbox/")
        self.page.get_by_role("button", name="End all of these").click()
        expect(self.page.get_by_text("No fault is planned.")).to_be_visible()

    def gets_mail(self, subject: str) -> None:
        """Let a letter of that subject arrive in both accounts."""
        for provider, email in ACCOUNTS:
            self.system.sandbox.drill("add-mail", provider=provider, email=email, subject=subject)

    def connection(self, provider: str) -> dict[str, Any]:
        """What the status API says of an account."""
        found: list[dict[str, Any]] = self.surfer.context.request.get("/api/status/").json()["connections"]
        return next(one for one in found if one["provider"] == provider)

    def is_well(self, provider: str, since: datetime | None = None) -> bool:
        """Whether an account is connected, up to date and has what is at its provider; synced after ``since``."""
        connection = self.connection(provider)
        there = self.system.at_provider()[dict(ACCOUNTS)[provider]]
        fresh = [
            since is None or (s["fresh_at"] is not None and datetime.fromisoformat(s["fresh_at"]) > since)
            for s in connection["services"]
        ]
        current = all(s["state"] in ("current", "syncing") and not s["error"] for s in connection["services"])
        here = (connection["messages"], connection["events"])
        return connection["state"] == "active" and current and all(fresh) and here == there

    def sees_well(self, provider: str, since: datetime | None = None, seconds: float = 90) -> None:
        """Wait until an account is well, and its card says so; fails with what the status says."""
        try:
            wait_for(partial(self.is_well, provider, since), seconds, step=0.3)
        except AssertionError:
            raise AssertionError(f"{self.connection(provider)} {self.system.at_provider()}") from None
        self.says(provider, "Working. Up to date", seconds=30)

    def sees_all_well(self, since: datetime | None = None, seconds: float = 90) -> None:
        """``sees_well`` for both accounts."""
        for provider in NAMES:
            self.sees_well(provider, since, seconds)

    def card(self, provider: str) -> Locator:
        """An account on Integrations."""
        return self.page.get_by_role("article").filter(has_text=dict(ACCOUNTS)[provider])

    def says(
        self, provider: str, *texts: str, seconds: float = 60, meanwhile: Callable[[], object] | None = None
    ) -> None:
        """Wait until an account's card has said each of these, whichever first.

        What would pass before a slow browser looks is held up ``meanwhile``, which is called before each look.
        """
        missing, said = set(texts), ""

        def heard() -> bool:
            nonlocal said
            if meanwhile:
                meanwhile()
            self.page.goto(f"{self.system.address}/integrations/")
            said = self.card(provider).inner_text()
            missing.difference_update([text for text in missing if text in said])
            return not missing

        try:
            wait_for(heard, seconds, step=0.4)
        except AssertionError:
            raise AssertionError(f"{missing} was never said; at last: {said}") from None

    def calls(self, provider: str, since: int = 0) -> list[dict[str, Any]]:
        """What OsMEN asked for an account after the call of that number: its tokens' calls, not those for tokens."""
        email = dict(ACCOUNTS)[provider]
        return [one for one in self.system.sandbox.calls(since) if one["account"] == email]

    def last_call(self) -> int:
        """The number of the last call that anybody made."""
        calls = self.system.sandbox.calls()
        return calls[-1]["number"] if calls else 0

    def looks_now(self, *providers: str) -> None:
        """Press Sync now, so that what is wrong shows at once."""
        for provider in providers:
            self.page.goto(f"{self.system.address}/integrations/")
            self.card(provider).get_by_role("button", name="Sync now").click()
            expect(self.page.get_by_role("status").get_by_text("Looking for news")).to_be_visible()

    def sees(self, path: str, text: str, seconds: float = 60) -> Locator:
        """Wait until a page of OsMEN has a text; the line that it is in."""
        return self.sees_if(path, lambda line: bool(line.count()), text, seconds)

    def sees_if(
        self,
        path: str,
        holds: Callable[[Locator], object],
        text: str,
        seconds: float = 60,
        role: Literal["listitem", "link"] = "listitem",
    ) -> Locator:
        """Wait until something holds for the lines of a page that have a text."""
        lines = self.page.get_by_role(role).filter(has_text=text)

        def there() -> bool:
            self.page.goto(self.system.address + path)
            return bool(holds(lines))

        wait_for(there, seconds, step=0.4)
        return lines

    def reconnects(self, provider: str) -> None:
        """Press Reconnect on Integrations and go the way to the provider and back."""
        self.page.goto(f"{self.system.address}/integrations/")
        card = self.card(provider)
        button = card.get_by_role("button", name="Reconnect").first
        if not button.is_visible():
            card.get_by_text("Services, permissions and history").click()
        button.click()
        account = self.page.get_by_role("button", name=dict(ACCOUNTS)[provider], exact=True)
        allow = self.page.get_by_role("button", name="Allow", exact=True)
        home = re.compile(re.escape(self.system.address))
        # Microsoft asks nothing where consent still stands: a new password ends tokens, not the grant.
        for step in (account, allow):
            wait_for(lambda: account.or_(allow).first.is_visible() or home.match(self.page.url), 30)
            if step.is_visible():
                step.click()
        self.page.wait_for_url(home)
        self.sees_well(provider)
