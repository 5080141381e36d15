"""Whether the PostgreSQL and the Redis that the environment names can be reached, before anything is started on them.

Only their address is looked at and named in messages: what they say to the credentials is for the app to find out.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from osmen_launcher.errors import Failure

PORTS = {"postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}
WHAT = {"DATABASE_URL": "database", "REDIS_URL": "Redis"}


def check_services() -> None:
    """Raises Failure for the first service that is named but cannot be reached."""
    for name, what in WHAT.items():
        url = _value(name)
        if not url or url.startswith("sqlite"):
            continue
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORTS[parts.scheme]
        except (ValueError, KeyError) as error:
            kind = "postgresql://USER:PASSWORD@HOST:5432/NAME" if name == "DATABASE_URL" else "redis://HOST:6379/0"
            raise Failure(f"{name} does not name a {what} that OsMEN can use.", f"It looks like {kind}.") from error
        if host is None:
            continue  # a socket on this machine
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError as error:
            raise Failure(
                f"The {what} at {host}:{port} does not answer.", f"Start it, or correct {name}; nothing was changed."
            ) from error


def _value(name: str) -> str:
    """A secret's value, or that of the file which ``NAME_FILE`` names. What cannot be read is left to the settings."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else os.environ.get(name, "").strip()
    except OSError:
        return ""
