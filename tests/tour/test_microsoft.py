"""A tour of the sandbox's Graph by msgraph-sdk and msal, in an environment of their own: the SDK is 200 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import FULL, Sandbox, sandbox
from tests.sandbox.listener import listening

__all__ = ["sandbox"]

ROOT = Path(__file__).resolve().parents[2]
BO, IDA = "bo@outlook.example", "ida@contoso.example"
TENANT = "11111111-2222-3333-4444-555555555555"  # a personal account has neither schedules nor video calls


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the SDK; skips where it cannot be installed, but not in continuous integration."""
    folder = tmp_path_factory.mktemp("tour") / "venv"
    venv.create(folder, with_pip=True)
    found = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    requirements = ROOT / "requirements-tour.txt"
    command: list[str | Path] = [found, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements]
    installed = subprocess.run(command, capture_output=True, text=True, timeout=540)
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip(f"msgraph-sdk cannot be installed: {installed.stderr[-300:]}")
    assert installed.returncode == 0, installed.stderr[-2000:]
    return found


def tour(sandbox: Sandbox, python: Path, name: str, email: str, *arguments: str) -> dict[str, Any]:
    """Run a tour for an account; what it saw."""
    scope = f"{FULL['microsoft']} User.ReadBasic.All"
    refresh_token = sandbox.connect("microsoft", email, scope)["refresh_token"]
    command = [python, "-m", f"tests.tour.{name}", sandbox.base, refresh_token, *arguments]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr[-3000:]
    seen: dict[str, Any] = json.loads(answer.stdout)
    return seen


@pytest.mark.proofs
@pytest.mark.timeout(720)
def test_it_finds_the_rest_of_its_services(sandbox: Sandbox, python: Path) -> None:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": IDA, "tenant": TENANT}])
    sandbox.drill("send-invitation", provider="microsoft", email=IDA, subject="Choir")
    seen = tour(sandbox, python, "microsoft_services", IDA, "Choir")
    assert seen["settings"] == ["W. Europe Standard Time", "alwaysEnabled", "monday"]
    assert seen["categories"] == [True, True] and seen["zones"]
    assert seen["large"] == [True, "film.bin", 5 * 1024 * 1024]
    assert seen["answered"] == "accepted" and seen["club"] == ["Match"]
    assert seen["call"] == [True, True, 3] and seen["dates"] == ["occurrence"]
    assert seen["schedule"] == "0200"
    assert seen["folder"] == "Band" and seen["unread"] and seen["forwarded"] and seen["translated"]
    assert (seen["shelf"], seen["changes"], seen["photo"]) == (["Eva"], 1, True)


@pytest.mark.proofs
@pytest.mark.timeout(720)
def test_microsofts_own_sdk_finds_its_way(sandbox: Sandbox, python: Path) -> None:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
    with listening() as listener:
        seen = tour(sandbox, python, "microsoft_tour", BO, f"{listener.base}/hook")
    assert seen["me"] == BO
    assert seen["inbox"] == ["At once", "The tour"] and seen["delta"] == 2
    assert seen["mime"] and seen["moved"] and seen["removed"] == [True]
    assert seen["folders"] >= 8 and seen["calendars"] == 1
    assert seen["event"] == ["Coffee", "UTC"] and seen["gone"] == [404, "ErrorItemNotFound"]
    assert seen["contacts"] == ["Eva"]
    assert seen["file"] == ["FileAttachment", "plan.pdf", "%PDF"] and seen["reply"] == ["RE: Roof", True]
    assert seen["week"] == [True] and seen["batch"] == {"week": 200, "nothing": 400}
    assert seen["notices"] == [True, 1, []]
