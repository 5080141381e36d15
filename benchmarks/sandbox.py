"""How quick the sandbox is: requests a second and CPU a request for each endpoint, alone and under twenty clients.

    python benchmarks/sandbox.py [--seconds 2] [--messages 500] [--json]

Starts a sandbox of its own with twenty accounts. What twenty clients get at once is as much the benchmark's own limit,
which shares the machine; what the sandbox could give a second is a thousand by its CPU. CPU is the process's time (user
and system), as the system counts it, so that what the benchmark itself needs does not count.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sandbox import accounts  # noqa: E402 (the path comes first)
from sandbox.oauth import tokens  # noqa: E402 (the same)
from sandbox.store import Store  # noqa: E402 (the same)

ACCOUNTS = 20
CLIENTS, EACH = 20, 50  # clients at once, and what each of them asks
TICK = os.sysconf("SC_CLK_TCK")
LIFETIME = timedelta(hours=8)
SCOPES = {
    "google": "https://mail.google.com/ https://www.googleapis.com/auth/calendar"
    " https://www.googleapis.com/auth/contacts",
    "microsoft": "Mail.ReadWrite Calendars.ReadWrite Contacts.ReadWrite User.Read",
}
GMAIL, DELTA = "/gmail/v1/users/me", "/v1.0/me/mailFolders/inbox/messages/delta"
# What is asked of each vendor; {id} is a message's id.
ENDPOINTS: dict[str, dict[str, str]] = {
    "google": {
        "gmail list": f"{GMAIL}/messages?maxResults=100",
        "gmail get full": f"{GMAIL}/messages/{{id}}?format=full",
        "gmail get raw": f"{GMAIL}/messages/{{id}}?format=raw",
        "gmail history": f"{GMAIL}/history?startHistoryId=10000&maxResults=100",
        "calendar events": "/calendar/v3/calendars/primary/events?maxResults=250",
        "people connections": "/v1/people/me/connections?personFields=names,emailAddresses&pageSize=100",
    },
    "microsoft": {
        "graph list": "/v1.0/me/messages?$top=50",
        "graph delta": DELTA,
        "graph get": "/v1.0/me/messages/{id}",
        "graph MIME": "/v1.0/me/messages/{id}/$value",
        "graph events": "/v1.0/me/events?$top=100",
        "graph contacts": "/v1.0/me/contacts?$top=100",
    },
}


@dataclass(frozen=True)
class Measured:
    """One endpoint: requests a second for one client and for twenty, CPU milliseconds a request, KiB an answer."""

    endpoint: str
    per_second: float
    at_once: float
    cpu_ms: float
    kib: float


class Bench:
    """A sandbox with its clients."""

    def __init__(self, base: tuple[str, int], pid: int, holders: list[tuple[str, str]]) -> None:
        self.base, self.pid, self.holders = base, pid, holders
        self.messages: dict[str, str] = {}

    def cpu(self) -> float:
        """Seconds of CPU that the sandbox has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def client(self, token: str) -> Callable[..., tuple[int, bytes]]:
        """A function that asks over a connection that stays open."""
        wire = http.client.HTTPConnection(*self.base, timeout=60)

        def ask(path: str, method: str = "GET", body: bytes | None = None, kind: str = "") -> tuple[int, bytes]:
            headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": kind} if kind else {})
            wire.request(method, path, body, headers)
            answer = wire.getresponse()
            return answer.status, answer.read()

        return ask

    def _of(self, token: str, path: str) -> str:
        """A path with the id of one of this account's messages, where it wants one."""
        if "{id}" not in path:
            return path
        if token not in self.messages:
            listing = ENDPOINTS["microsoft" if path.startswith("/v1.0") else "google"]
            listed = json.loads(self.client(token)(next(iter(listing.values())))[1])
            self.messages[token] = (listed.get("messages") or listed.get("value"))[0]["id"]
        return path.format(id=self.messages[token])

    def measure(self, name: str, provider: str, path: str, seconds: float) -> Measured:
        """Ask for one thing again and again: first one client, then twenty at once."""
        tokens = [token for holder, token in self.holders if holder == provider]
        ask, own_path, asked, size = self.client(tokens[0]), self._of(tokens[0], path), 0, 0
        for _ in range(3):
            status, body = ask(own_path)
            assert status == 200, body
        cpu, began = self.cpu(), time.monotonic()
        while time.monotonic() - began < seconds:
            size += len(ask(own_path)[1])
            asked += 1
        took = time.monotonic() - began
        together, took_together = self._together(path, tokens)
        used = (self.cpu() - cpu) / (asked + together)
        rates = round(asked / took, 1), round(together / took_together, 1)
        return Measured(name, *rates, round(used * 1000, 2), round(size / asked / 1024, 1))

    def _together(self, path: str, tokens: list[str]) -> tuple[int, float]:
        """Twenty clients ask for one thing, each fifty times. How many answers there were, and the seconds."""

        def work(token: str) -> int:
            ask, own_path = self.client(token), self._of(token, path)
            return sum(ask(own_path)[0] == 200 for _ in range(EACH))

        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            answered = sum(pool.map(work, (tokens * CLIENTS)[:CLIENTS]))
        assert answered == CLIENTS * EACH, f"{path}: {answered} of {CLIENTS * EACH}"
        return answered, time.monotonic() - began

    def sync_everything(self) -> dict[str, float]:
        """All accounts read all their mail at once, as a first sync does: lists and batches of fifty, or pages."""
        done: list[int] = []
        work = {"google": self._gmail, "microsoft": self._graph}

        def read(provider: str, token: str) -> None:
            done.append(work[provider](token))

        threads = [threading.Thread(target=read, args=holder) for holder in self.holders]
        cpu, began = self.cpu(), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, used = time.monotonic() - began, self.cpu() - cpu
        return {
            "accounts": len(done),
            "messages": sum(done),
            "seconds": round(took, 2),
            "messages_per_second": round(sum(done) / took, 1),
            "cpu_ms_per_message": round(used / sum(done) * 1000, 3),
            "sandbox_cpu_percent": round(used / took * 100, 1),
        }

    def _gmail(self, token: str) -> int:
        ask, names, page = self.client(token), [], ""
        while True:
            listed = json.loads(ask(f"{GMAIL}/messages?maxResults=500" + (f"&pageToken={page}" if page else ""))[1])
            names += [one["id"] for one in listed.get("messages", [])]
            page = listed.get("nextPageToken", "")
            if not page:
                break
        for at in range(0, len(names), 50):
            parts = "".join(
                f"--b\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\n"
                f"GET {GMAIL}/messages/{name}?format=raw\r\n\r\n"
                for n, name in enumerate(names[at : at + 50])
            )
            status, _ = ask("/batch/gmail/v1", "POST", f"{parts}--b--".encode(), "multipart/mixed; boundary=b")
            assert status == 200
        return len(names)

    def _graph(self, token: str) -> int:
        ask, path, count = self.client(token), DELTA, 0
        while path:
            status, body = ask(path)
            assert status == 200, body
            page = json.loads(body)
            count += len(page["value"])
            path = page.get("@odata.nextLink", "").partition("/v1.0")[2]
            path = f"/v1.0{path}" if path else ""
        return count


def _world(messages: int) -> dict[str, Any]:
    holders = [("google" if n % 2 else "microsoft", f"person{n}@sandbox.example") for n in range(ACCOUNTS)]
    text = "Dear all,\n\n" + "The kettle is on and the minutes of last week are attached in spirit. " * 20
    items: dict[str, list[dict[str, Any]]] = {"accounts": [], "messages": [], "events": [], "contacts": []}
    for provider, email in holders:
        whose = {"provider": provider, "email": email}
        items["accounts"].append(whose)
        for n in range(messages):
            raw = (
                f"From: eva@example.org\nTo: {email}\nSubject: Note {n}\nMessage-ID: <{n}.{uuid.uuid4()}@x>\n\n{text}\n"
            )
            when = f"2026-{n % 11 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:00+00:00"
            items["messages"].append({**whose, "raw": raw, "received": when})
        for n in range(50):
            day = f"2026-12-{n % 28 + 1:02}"
            event = {"uid": f"{n}@x", "title": f"Meeting {n}", "start": f"{day}T10:00:00", "end": f"{day}T11:00:00"}
            items["events"].append(whose | event)
            items["contacts"].append({**whose, "name": f"Person {n}", "emails": [[f"p{n}@example.org", "work"]]})
    return items


@contextmanager
def running(messages: int) -> Iterator[Bench]:
    """A sandbox with twenty full accounts and a token for each."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--home", folder, "--empty"]
        quiet = {k: v for k, v in os.environ.items() if not k.startswith("SANDBOX_")}
        process = subprocess.Popen(command, cwd=ROOT, env=quiet, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None and "ready" in process.stdout.readline()
            wire = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            wire.request("POST", "/_sandbox/seed", json.dumps(_world(messages)), {"Content-Type": "application/json"})
            assert wire.getresponse().status == 200
            store = Store(Path(folder) / "sandbox.sqlite3")
            holders: list[tuple[str, str]] = []
            for account in accounts.all_of(store):
                value, scopes = f"bench.{account.id}", frozenset(SCOPES[account.provider].split())
                tokens.issue(store, "access", value, account, "bench", scopes, LIFETIME)
                holders.append((account.provider, value))
            store.db.close()
            yield Bench(("127.0.0.1", port), process.pid, holders)
        finally:
            process.terminate()
            process.wait(10)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="for each endpoint")
    parser.add_argument("--messages", type=int, default=500, help="in each account")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: list[Measured] = []
    with running(given.messages) as bench:
        for provider, paths in ENDPOINTS.items():
            found += [bench.measure(name, provider, path, given.seconds) for name, path in paths.items()]
        everything = bench.sync_everything()
    if given.json:
        print(json.dumps({"endpoints": [asdict(one) for one in found], "twenty_accounts": everything}, indent=2))
        return 0
    print(f"{'endpoint':<22}{'requests/s':>12}{'by twenty':>12}{'CPU ms':>10}{'KiB':>8}")
    for one in found:
        print(f"{one.endpoint:<22}{one.per_second:>12}{one.at_once:>12}{one.cpu_ms:>10}{one.kib:>8}")
    print("twenty accounts at once:", ", ".join(f"{name} {value}" for name, value in everything.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
