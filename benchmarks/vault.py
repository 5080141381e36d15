"""The vault's cost: memory of a round of 10,000 renewals, coordinating them, and one token through the door.

Run it on an empty database of its own: ``python3 osmen.py run benchmarks/vault.py [--connections 10000] [--pairs 5]``,
with ``OSMEN_HOME`` or ``DATABASE_URL`` naming that. Memory is that of whole rounds, requests to a token endpoint
included. Coordination is measured without the endpoint, in turn with two floors, and the median counts: one floor
commits each renewal, the other those of a lease together, as OsMEN does. CPU is this process's and that of its backend
in PostgreSQL, if it runs here. The door is measured in short runs, so that what interrupts one counts little.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import time
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection as database
from django.db import transaction
from tink import aead

from accounts.models import User
from integrations.models import Connection, Grant, OAuthApp
from integrations.records import Service, TokenSet
from integrations.vault import ahead, grants, keyring, refresh, tokens
from integrations.vault.fields import Plain

BATCH, FEW = 50, 1000
# As long as Microsoft's, and random as tokens are: PostgreSQL would compress a repeated letter to next to nothing.
ACCESS, REFRESH = token_urlsafe(1125), token_urlsafe(300)
Cost = tuple[float, float]


class Endpoint(BaseHTTPRequestHandler):
    """A token endpoint that gives everybody an hour, in a process of its own."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = json.dumps({"access_token": ACCESS, "expires_in": 3600, "token_type": "Bearer"}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
        self.wfile.write(head.encode() + said)


def endpoint() -> str:
    """Start it, to end with this process. Answers its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True).start()
    server.socket.close()
    return f"http://127.0.0.1:{server.server_port}/token"


def prepare(count: int, address: str = "") -> Connection:
    """That many connections of one person, none of which is due. Answers one of them."""
    call_command("migrate", verbosity=0, interactive=False)
    if not keyring.exists():
        keyring.create(Path(settings.OSMEN_KEYSET_PATH))
    assert not Connection.objects.exists(), "the benchmark wants an empty database"
    user = User.objects.create_user(f"{uuid.uuid4()}@example.org", None)
    app = OAuthApp.objects.create(
        provider="google",
        client_id="bench",
        client_secret=Plain("s"),
        active=False,
        endpoints={"token": address} if address else {},
    )
    # Little by little: the memory of this must not hide that of the rounds.
    for start in range(0, count, BATCH):
        made = Connection.objects.bulk_create(
            Connection(user=user, provider="google", app=app, subject=str(n), email=f"{n}@example.com")
            for n in range(start, min(start + BATCH, count))
        )
        Grant.objects.bulk_create([Grant(connection=one) for one in made])
        with transaction.atomic():
            for one in made:
                grants.replace(one, answer(one.pk))
    return made[0]


def whole_round(count: int) -> tuple[float, float]:
    """The vault's own round over that many: seconds, and the most memory this process ever had by then, in MB."""
    due = Grant.objects.filter(pk__in=list(Grant.objects.values_list("pk", flat=True)[:count]))
    due.update(renew_at=datetime.now(UTC) - timedelta(minutes=1), burst=0)
    started = time.perf_counter()
    renewed = ahead.refresh_due(seconds=3600)
    assert renewed == count, renewed
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def clocks() -> Cost:
    return time.perf_counter(), time.process_time() + backend_seconds()


def backend_seconds() -> float:
    """CPU of the database server's process for this one; 0 where there is none that can be seen."""
    if database.vendor != "postgresql":
        return 0.0
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        seen = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not seen.exists():
        return 0.0
    user, system = seen.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def since(started: Cost) -> Cost:
    """Seconds and seconds of CPU."""
    wall, cpu = clocks()
    return wall - started[0], cpu - started[1]


def answer(_: object) -> TokenSet:
    """What a provider would say."""
    return TokenSet(ACCESS, datetime.now(UTC) + timedelta(hours=1), frozenset(), REFRESH)


def floor_round(count: int, *, together: bool) -> Cost:
    """Leases of 50 by plain SQL, one UPDATE per renewed row, no encryption and no ledger: seconds and CPU for all."""
    raw = database.connection
    mark = "%s" if database.vendor == "postgresql" else "?"
    skip = "FOR UPDATE SKIP LOCKED" if database.vendor == "postgresql" else ""
    cursor = raw.cursor()
    cursor.execute("DROP TABLE IF EXISTS floor_grant")
    binary = "bytea" if database.vendor == "postgresql" else "blob"
    cursor.execute(
        f"CREATE TABLE floor_grant (id integer PRIMARY KEY, due double precision, access {binary}, refresh {binary},"
        " lease text, until double precision, version integer)"
    )
    cursor.execute("CREATE INDEX floor_due ON floor_grant (due)")
    access, refresh_token = ACCESS.encode(), REFRESH.encode()
    cursor.executemany(
        f"INSERT INTO floor_grant VALUES ({mark}, 0, {mark}, {mark}, NULL, 0, 1)",
        [(n, access, refresh_token) for n in range(count)],
    )
    started = clocks()
    while True:
        with transaction.atomic():
            cursor.execute(f"SELECT id FROM floor_grant WHERE due < 1 AND until < 1 ORDER BY due LIMIT {BATCH} {skip}")
            keys = [row[0] for row in cursor.fetchall()]
            lease = str(uuid.uuid4())
            cursor.executemany(
                f"UPDATE floor_grant SET lease = {mark}, until = 2 WHERE id = {mark}", [(lease, key) for key in keys]
            )
        if not keys:
            break
        with transaction.atomic() if together else nullcontext():
            for key in keys:
                cursor.execute(
                    f"UPDATE floor_grant SET access = {mark}, refresh = {mark}, due = 3, lease = NULL, until = 0,"
                    f" version = version + 1 WHERE id = {mark} AND lease = {mark}",
                    (access, refresh_token, key, lease),
                )
    cost = since(started)
    cursor.execute("DROP TABLE floor_grant")
    return cost


def our_round(count: int) -> Cost:
    """``ahead``'s batches with everything that belongs to them: encryption, fingerprints, the ledger's chains."""
    Grant.objects.update(renew_at=datetime.now(UTC) - timedelta(minutes=1), burst=0, lease=None, lease_until=None)
    started = clocks()
    renewed = 0
    while batch := ahead.claim_batch():
        refresh.settle_all([(grant, lease, answer(grant)) for grant, lease in batch])
        renewed += len(batch)
    cost = since(started)
    assert renewed == count, renewed
    return cost


def door(connection: Connection) -> tuple[Cost, Cost]:
    """Microseconds, and those of CPU, for one token from a loaded row through the door, and for decryption alone."""
    grant = Grant.objects.select_related("connection").get(pk=connection.pk)
    sealed, bound = grant.access_token.ciphertext, grants.ACCESS.associated(grant.pk)
    primitive: Any = keyring.keyset().handle.primitive(aead.Aead)

    def ours() -> object:
        return tokens.give(grant, connection, tokens.Purpose.SYNC, Service.MAIL)

    def floor() -> object:
        return primitive.decrypt(sealed, bound)

    return each(ours), each(floor)


def each(call: Callable[[], object], runs: int = 60, times: int = 50) -> Cost:
    """The median of short runs, and the CPU of all of them."""
    began, walls = time.process_time(), []
    for _ in range(runs):
        started = time.perf_counter()
        for _ in range(times):
            call()
        walls.append((time.perf_counter() - started) / times)
    return statistics.median(walls) * 1e6, (time.process_time() - began) / runs / times * 1e6


def median(costs: list[Cost]) -> Cost:
    return statistics.median(wall for wall, _ in costs), statistics.median(cpu for _, cpu in costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    count = options.connections
    one = prepare(count, endpoint())
    whole_round(BATCH)  # what is loaded on first use
    for number in (min(FEW, count), count):
        seconds, peak = whole_round(number)
        print(f"a round of {number:,}: {seconds:.0f} s, {number / seconds:,.0f} a second, peak memory {peak:.0f} MB")
    ours, single, joint, doors = [], [], [], []
    for _ in range(options.pairs):
        single.append(floor_round(count, together=False))
        ours.append(our_round(count))
        joint.append(floor_round(count, together=True))
        doors.append(door(one))
    mine, cpu = median(ours)
    print(f"{database.vendor}: {count:,} renewals coordinated, {count / mine:,.0f}/s: {mine:.2f} s, CPU {cpu:.2f} s")
    print(f"  floors: leases of {BATCH}, no encryption, no ledger")
    for floors, commits in ((single, "each renewal"), (joint, "those of a lease together")):
        least, least_cpu = median(floors)
        ratios = f"ratio {mine / least:.2f}, of CPU {cpu / least_cpu:.2f}"
        print(f"  committing {commits}: {least:.2f} s, CPU {least_cpu:.2f} s; {ratios}")
    (through, used), (bare, _) = median([d[0] for d in doors]), median([d[1] for d in doors])
    print(f"  the door from a loaded row: {through:.1f} µs, CPU {used:.1f} µs; decryption alone {bare:.1f} µs")


if __name__ == "__main__":
    main()
