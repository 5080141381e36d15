"""Reads the environment as the settings will, before anything is installed: a value they would refuse ends the start.

What is allowed is read from the text of ``osmen_web/configuration.py``, where each variable is declared once, with
literal arguments. Nothing of it is run, since what it needs may not be installed yet.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osmen_launcher.errors import Failure
from osmen_launcher.layout import ROOT

DECLARED = ROOT / "osmen_web" / "configuration.py"
KINDS = ("Addresses", "Choice", "Flag", "Number")
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
FLAGS = ("1", "true", "yes", "on", "0", "false", "no", "off")


def check_wishes(declared: Path = DECLARED) -> None:
    """Raises Failure for the first variable whose value the settings do not take."""
    for kind, given in _declarations(declared):
        name = str(given["name"])
        value = os.environ.get(name, "").strip()
        if value and (wrong := _wrong(value, kind, given)):
            raise Failure(f"{name} {wrong}, not {value!r}.", "Change it or leave it unset, and start again.", code=4)


def _wrong(value: str, kind: str, given: dict[str, Any]) -> str:
    if kind == "Choice":
        return "" if value in given["choices"] else f"must be one of {', '.join(given['choices'])}"
    if kind == "Flag":
        return "" if value.lower() in FLAGS else "must be 1 or 0"
    if kind == "Addresses":
        parts = [part.strip() for part in value.split(",") if part.strip()]
        return "" if all(map(ADDRESS.fullmatch, parts)) else "must be mail addresses separated by commas"
    least = given.get("least", 0)
    try:
        return "" if int(value) >= least else f"must be at least {least}"
    except ValueError:
        return "must be a whole number"


def _declarations(declared: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every variable whose values can be told right from wrong, with the arguments of its declaration."""
    for call in ast.walk(ast.parse(declared.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS:
            yield call.func.id, {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
