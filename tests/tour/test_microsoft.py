"""A tour of the sandbox's Graph by msgraph-sdk and msal, in an environment of their own: the SDK is 200 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.sandbox.conftest import Sandbox, sandbox
from tests.sandbox.listener import listening

__all__ = ["sandbox"]

ROOT = Path(__file__).resolve().parents[2]
BO = "bo@outlook.example"


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


@pytest.mark.proofs
@pytest.mark.timeout(720)
def test_microsofts_own_sdk_finds_its_way(sandbox: Sandbox, python: Path) -> None:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
    refresh_token = sandbox.connect("microsoft", BO)["refresh_token"]
    with listening() as listener:
        script = ROOT / "tests" / "tour" / "microsoft_tour.py"
        command = [python, script, sandbox.base, refresh_token, f"{listener.base}/hook"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr[-3000:]
    seen = json.loads(answer.stdout)
    assert seen["me"] == BO
    assert seen["inbox"] == ["At once", "The tour"] and seen["delta"] == 2
    assert seen["mime"] and seen["moved"] and seen["removed"] == [True]
    assert seen["folders"] >= 8 and seen["calendars"] == 1
    assert seen["event"] == ["Coffee", "UTC"] and seen["gone"] == [404, "ErrorItemNotFound"]
    assert seen["contacts"] == ["Eva"]
    assert seen["file"] == ["FileAttachment", "plan.pdf", "%PDF"] and seen["reply"] == ["RE: Roof", True]
    assert seen["week"] == [True] and seen["batch"] == {"week": 200, "nothing": 400}
    assert seen["notices"] == [True, 1, []]
