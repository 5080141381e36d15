"""``osmen.py up`` as a whole: it starts everything, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from tests.launcher.running import NAMES, Up, osmen, wait_for


def test_starts_all_and_stops_all(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Up(home) as up:
        up.wait_until_ready()
        assert f"http://localhost:{up.port}" in up.said
        steps = [line for line in up.said.splitlines() if line.startswith("[")]
        assert [line[:5] for line in steps] == [f"[{n}/7]" for n in range(1, 8) for _ in range(2)], up.said
        health = up.health()
        assert health is not None
        assert health["status"] == "ok"
        assert set(health["checks"].values()) == {"ok"}
        assert all(os.getpgid(up.pid(name)) == up.pid(name) for name in NAMES)

        second = osmen("up", "--no-open", "--home", home, "--port", up.port + 2)
        assert second.returncode != 0
        assert "already runs with the home" in second.stderr
        assert "--home" in second.stderr
        assert "runs well" in osmen("doctor", "--home", home).stdout

        for path in (home / "db.sqlite3", *(home / "keys").iterdir()):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o700

        assert up.stop(signal.SIGTERM) == 0
        assert up.processes() == []
        assert not list((home / "run").glob("*.pid"))

    started = time.monotonic()
    with Up(home, port=up.port) as again:
        again.wait_until_ready()
        assert time.monotonic() - started < 10
        assert again.stop(signal.SIGINT) == 0
        assert again.processes() == []


@pytest.fixture
def services() -> Iterator[dict[str, str]]:
    """A new database and a Redis number of its own, where this run was given a PostgreSQL and a Redis."""
    database, queue = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    if not database.startswith("postgres") or not queue:
        pytest.skip("DATABASE_URL and REDIS_URL name no PostgreSQL and Redis")
    name = f"osmen_up_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield {
                "DATABASE_URL": urlsplit(database)._replace(path=f"/{name}").geturl(),
                "REDIS_URL": urlsplit(queue)._replace(path="/15").geturl(),
            }
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
            with redis.Redis.from_url(urlsplit(queue)._replace(path="/15").geturl()) as client:
                client.flushdb()


def test_runs_on_postgresql_and_redis(tmp_path: Path, services: dict[str, str]) -> None:
    home = tmp_path / "home"
    with Up(home, extra=services) as up:
        up.wait_until_ready()
        assert up.well()
        assert not (home / "db.sqlite3").exists()
        assert not any((home / "broker").iterdir())
        assert up.stop() == 0
        assert up.processes() == []


def test_a_dead_child_is_restarted_within_five_seconds(tmp_path: Path) -> None:
    with Up(tmp_path / "home", "--no-sandbox") as up:
        up.wait_until_ready()
        for name in ("worker", "beat", "web"):
            up.kill(name)
        wait_for(up.well, 20)
        assert "starting it again" in up.said


def test_a_child_that_keeps_dying_ends_the_launcher_with_its_log(tmp_path: Path) -> None:
    with Up(tmp_path / "home", "--no-sandbox") as up:
        up.wait_until_ready()
        for _ in range(3):
            up.kill("beat")
        assert up.process.wait(15) == 1
        assert "beat process ended 3 times within a minute" in up.said
        assert str(up.home / "logs" / "beat.log") in up.said
        assert "Traceback" not in up.said
        assert up.processes() == []


def test_a_killed_launcher_leaves_no_child(tmp_path: Path) -> None:
    with Up(tmp_path / "home") as up:
        up.wait_until_ready()
        up.process.kill()
        up.process.wait()
        wait_for(lambda: not up.processes(), 15)


@pytest.mark.proofs
def test_the_next_start_ends_what_a_killed_launcher_and_guard_left(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Up(home) as up:
        up.wait_until_ready()
        guard = next(pid for pid in _children(up.process.pid) if b"osmen_launcher.guard" in _command(pid))
        os.kill(guard, signal.SIGKILL)
        up.process.kill()
        up.process.wait()
        assert len(up.processes()) >= 4
    with Up(home, port=up.port) as again:
        again.wait_until_ready()
        assert "Ended what an earlier start had left running" in again.said
        assert again.well()
        assert again.stop() == 0
        assert again.processes() == []


def test_a_stale_pid_file_never_ends_a_stranger(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True)
    stranger = os.getpid()
    (home / "run" / "web.pid").write_text(f"{stranger}\n")
    with Up(home, "--no-sandbox") as up:
        up.wait_until_ready()
        assert up.pid("web") != stranger
        assert up.stop() == 0


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
        except (OSError, IndexError):
            continue
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
