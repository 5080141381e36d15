"""Homes for the system's tests; with a database and a Redis number of their own where this run was given servers."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from tests.system.running import System

# The launcher's tests have 15; workers side by side must not hear of each other's tasks.
REDIS_NUMBER = 14 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4


@contextmanager
def new_services() -> Iterator[dict[str, str]]:
    """The environment of an ``up``: a new database and an empty Redis, or nothing for the embedded ones."""
    database, queue = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    extra: dict[str, str] = {}
    name = f"osmen_e_{uuid.uuid4().hex[:12]}"
    own = database.startswith("postgres")
    if own:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        extra["DATABASE_URL"] = urlsplit(database)._replace(path=f"/{name}").geturl()
    if queue:
        extra["REDIS_URL"] = urlsplit(queue)._replace(path=f"/{REDIS_NUMBER}").geturl()
    try:
        yield extra
    finally:
        if own:
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        if queue:
            with redis.Redis.from_url(extra["REDIS_URL"]) as client:
                client.flushdb()


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, str]]:
    """The environment of this module's ``up``."""
    with new_services() as extra:
        yield extra


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's OsMEN keeps everything."""
    return tmp_path_factory.mktemp("system") / "home"


@pytest.fixture(scope="module")
def system(home: Path, services: dict[str, str]) -> Iterator[System]:
    """OsMEN, running, with the built-in world in its sandbox."""
    with System(home, extra=services) as running:
        yield running
