"""What processes get to know: the environment that every child, and every management command, runs with.

Whatever the user has set (``DATABASE_URL``, ``OSMEN_SIGNUP`` and the like) is passed on untouched. What the names mean
is said in ``docs/configuration.md``.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from osmen_launcher.layout import ROOT, Home

FOREIGN = {"PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP"}  # meant for another Python
YES = {"1", "true", "yes", "on"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an ``up`` listens. ``sandbox_url`` is empty without a sandbox."""

    host: str = "127.0.0.1"
    port: int = 8000
    sandbox_url: str = ""

    @property
    def probe_host(self) -> str:
        """The host by which this machine itself reaches the app."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)

    @property
    def public_url(self) -> str:
        """The address people open: ``localhost``, so that its cookies stay apart from those of 127.0.0.1."""
        return os.environ.get("OSMEN_PUBLIC_URL", "").strip().rstrip("/") or f"http://localhost:{self.port}"


def production() -> bool:
    """Whether this is a server and no laptop."""
    return os.environ.get("OSMEN_ENV", "").strip() == "production"


def sandbox_allowed() -> bool:
    """The sandbox hands out tokens to anyone who asks, so a server has to ask for it twice."""
    return not production() or os.environ.get("OSMEN_ALLOW_SANDBOX", "").strip().lower() in YES


def uses_sqlite() -> bool:
    """Whether the home's own database is used."""
    url = os.environ.get("DATABASE_URL", "").strip() or os.environ.get("DATABASE_URL_FILE", "").strip()
    return not url or url.startswith("sqlite")


def child_environment(home: Home, address: Address) -> dict[str, str]:
    """The environment of a child of ``up``."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    kept.update(
        OSMEN_HOME=str(home.path),
        OSMEN_HOST=address.host,
        OSMEN_PORT=str(address.port),
        OSMEN_SANDBOX_URL=address.sandbox_url,
        OSMEN_ENV="production" if production() else os.environ.get("OSMEN_ENV", "").strip() or "development",
        DJANGO_SETTINGS_MODULE="osmen_web.settings",
        PYTHONUNBUFFERED="1",
        PYTHONUTF8="1",
    )
    if not production():  # a server's address cannot be guessed: the settings ask for it
        kept["OSMEN_PUBLIC_URL"] = address.public_url
    for name in ("TMPDIR", "TEMP", "TMP"):
        kept[name] = str(home.folder("tmp"))
    return kept


def remember(home: Home, address: Address) -> None:
    """Note the address in the home, so that commands see what the running app sees."""
    (home.folder("run") / "up.json").write_text(json.dumps(asdict(address)) + "\n", encoding="utf-8")


def remembered(home: Home) -> Address:
    """The address of the last ``up`` with this home, else what the environment or the defaults say."""
    try:
        noted = json.loads((home.folder("run") / "up.json").read_text(encoding="utf-8"))
        return Address(**noted)
    except (OSError, ValueError, TypeError):
        return from_environment()


def from_environment() -> Address:
    """The address that the environment names, in whole or in part."""
    port = os.environ.get("OSMEN_PORT", "").strip()
    return Address(
        host=os.environ.get("OSMEN_HOST", "").strip() or "127.0.0.1",
        port=int(port) if port.isdigit() else 8000,
        sandbox_url=os.environ.get("OSMEN_SANDBOX_URL", "").strip(),
    )


def project_on_path(environment: dict[str, str]) -> dict[str, str]:
    """Let Python find the project from any working folder."""
    return environment | {"PYTHONPATH": str(ROOT)}
