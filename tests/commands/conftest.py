"""What the commands' tests stand on: a sandbox with a person, and commands that are run as a shell would."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.journey.conftest import ada, sandbox

__all__ = ["ada", "sandbox"]


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with its words as in a shell; ``answers`` are what somebody types, a line each."""

    def ran(*words: str, answers: tuple[str, ...] = ()) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in answers)))
        try:
            call_command(*words, stdout=out, stderr=err, no_color=True)
        except CommandError as error:
            return Ran(error.returncode, out.getvalue(), str(error))
        return Ran(0, out.getvalue(), err.getvalue())

    return ran
