"""What every commit satisfies besides behaviour: lint, format, types, import rules, and migrations up to date."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "lint": ["-m", "ruff", "check", "--no-cache", "."],
    "format": ["-m", "ruff", "format", "--check", "--no-cache", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "django": ["manage.py", "check", "--fail-level", "WARNING"],
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str, tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, *CHECKS[name]],
        cwd=ROOT,
        env=os.environ | {"OSMEN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=880,
    )
    assert answer.returncode == 0, f"{answer.stdout[-8000:]}\n{answer.stderr[-4000:]}"
