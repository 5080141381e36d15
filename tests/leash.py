"""Runs a program that ends with the process that started it, however that one ends: its standard input closes then.

A module's name and its arguments follow, as after ``python -m``.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from threading import Thread

STDIN = 0


def command(module: str) -> list[str]:
    """What such a program is started with, before its own arguments; its standard input is to be a pipe."""
    return [sys.executable, "-m", "tests.leash", module]


def _follow() -> None:
    while os.read(STDIN, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=_follow, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__")
