"""Real mail and calendars: all that the sandbox could load arrives, and every page of it opens."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.launcher.running import ROOT, osmen
from tests.system.running import System, Visitor

CORPUS = ROOT.parent / "shared" / "corpus"
HERE = """
import json
from django.db.models import Max, Min
from calendars.models import Event
from mail.models import Message, Thread
print(json.dumps({
    "threads": list(Thread.objects.values_list("pk", flat=True)),
    "messages": list(Message.objects.values_list("pk", flat=True)),
    "events": list(Event.objects.filter(cancelled=False).values_list("pk", flat=True)),
    "cancelled": list(Event.objects.filter(cancelled=True).values_list("pk", flat=True)),
    "span": [str(day.date()) for day in Event.objects.aggregate(a=Min("starts_at"), b=Max("ends_at")).values()],
}))
"""
OLDER = re.compile(r'href="(/inbox/\?[^"]*before=[^"]+)"')


class Filled:
    """An OsMEN over a sandbox that was filled from a folder: connected, and everything arrived."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.visitor = Visitor(system)
        self.visitor.signs_up("ada@example.org")
        for account in system.sandbox.state():
            self.visitor.connects(account["provider"], account["email"])

    def ids(self, folder: Path) -> dict[str, Any]:
        """What is in OsMEN: the ids by which its pages open, and the days of the first and the last event."""
        script = folder / "here.py"
        script.write_text(HERE)
        answer = osmen("run", script, "--home", self.system.home, extra=self.system.extra)
        assert answer.returncode == 0, answer.stderr
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    def open(self, paths: Iterable[str]) -> list[str]:
        """Open pages, two at a time; what did not answer 200, as ``404 /calendar/event/7/``."""
        own = threading.local()

        def one(path: str) -> str:
            if not hasattr(own, "visitor"):
                own.visitor = self.visitor.companion()
            status = own.visitor.get(path).status
            return "" if status == 200 else f"{status} {path}"

        with ThreadPoolExecutor(2) as pool:
            return [trouble for trouble in pool.map(one, paths) if trouble]

    def lists(self) -> Iterator[str]:
        """Every page of the inbox's list, from the newest to the oldest."""
        visitor = self.visitor.companion()
        path: str | None = "/inbox/"
        while path:
            yield path
            older = OLDER.search(visitor.get(path).text)
            path = older[1].replace("&amp;", "&") if older else None


def months(first: date, last: date) -> Iterator[date]:
    """The first of every month from one day to another."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def opens_everything(filled: Filled, folder: Path) -> None:
    """Each page of the list, each month, each conversation, each body, each event."""
    here = filled.ids(folder)
    assert filled.open(filled.lists()) == []
    first, last = (date.fromisoformat(day) for day in here["span"])
    shown = list(months(max(first, date(1900, 1, 1)), min(last, date(2199, 12, 1))))
    assert filled.open(f"/calendar/?view=month&date={month}" for month in shown) == []
    ends = zip(shown, [*shown[1:], shown[-1].replace(day=28)], strict=True)
    assert filled.open(f"/calendar/events/?start={start}&end={end}" for start, end in ends if start < end) == []
    assert filled.open(f"/inbox/{n}/" for n in here["threads"]) == []
    assert filled.open(f"/inbox/message/{n}/body/" for n in here["messages"]) == []
    assert filled.open(f"/calendar/event/{n}/" for n in here["events"]) == []
    # A day that was called off is kept, so that its series leaves it out, and is no page.
    off = [f"/calendar/event/{n}/" for n in here["cancelled"]]
    assert filled.open(off) == [f"404 {path}" for path in off]


@pytest.mark.proofs
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no ../shared/corpus beside the project")
def test_the_whole_corpus(home: Path, services: dict[str, str], tmp_path: Path) -> None:
    with System(home, "--corpus", str(CORPUS), extra=services) as system:
        filled = Filled(system)
        # Every series is a call of its own at Microsoft, and the corpus has about as many as ten minutes allow.
        filled.visitor.waits_for_all(1500)
        opens_everything(filled, tmp_path)
        assert all(c["changes"]["refused"] == 0 for c in filled.visitor.companion().connections())
