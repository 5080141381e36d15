"""``docker-compose.yml`` states for a server what ``up`` starts: the same commands, watched, with secrets as files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from osmen_launcher import children

ROOT = Path(__file__).resolve().parents[2]
OURS = {"web", "worker", "beat"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def test_every_part_is_there_and_watched(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == OURS | {"prepare", "postgres", "redis"}
    for name in set(services) - {"prepare"}:
        assert services[name]["healthcheck"]["test"][0] == "CMD", name
        assert services[name]["restart"] == "unless-stopped", name


def test_commands_are_those_of_up(compose: dict[str, Any]) -> None:
    services = compose["services"]
    home = Path("/home/osmen/var")
    assert services["web"]["command"] == ["python", *children.web("0.0.0.0", 8000, workers=2)]
    assert services["worker"]["command"] == ["python", *children.worker()]
    assert services["beat"]["command"] == ["python", *children.beat(home / "run" / "beat-schedule")]


def test_secrets_come_as_files(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        assert {"OSMEN_SECRET_KEY", "OSMEN_KEYSET", "DATABASE_URL"}.isdisjoint(service["environment"])
    assert set(compose["secrets"]) >= {"secret_key", "keyset", "database_url", "postgres_password"}


def test_names_that_are_used_are_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"]), name
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name


def test_docker_accepts_it() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("no docker compose on this machine")
    answer = subprocess.run(
        [docker, "compose", "--file", ROOT / "docker-compose.yml", "config", "--quiet"],
        env=os.environ | {"OSMEN_PUBLIC_URL": "https://osmen.example.org"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
