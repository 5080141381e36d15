"""Every sentence with which OsMEN says that something is wrong, found in its own code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("osmen_launcher", "osmen_web", "integrations", "accounts", "mail", "calendars", "contacts")
RAISED = {
    "ChoiceNeeded",
    "CommandError",
    "Conflict",
    "CursorExpired",
    "Failure",
    "ImproperlyConfigured",
    "IntegrationError",
    "KeyUnavailable",
    "KeyringError",
    "MisconfiguredApp",
    "NotFound",
    "PermanentFailure",
    "QuotaUsedUp",
    "RateLimited",
    "ReconnectRequired",
    "Refused",
    "ScopeMissing",
    "TemporaryFailure",
    "Unauthorized",
}


def said() -> dict[str, str]:
    """The first sentence of each, with ``…`` for what varies, and the file it is in."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for text in _raised(ast.parse(file.read_text("utf-8"))):
                found.setdefault(first_sentence(text), str(file.relative_to(ROOT)))
    return {text: file for text, file in found.items() if len(text.strip("… .")) > 8}


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence, blanks made one, without that stop."""
    one_line = re.sub(r"\s+", " ", text).strip()
    return re.split(r"[.:;](?= |$)", one_line)[0].strip()


def _raised(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in RAISED:
            yield from _texts(node.args[0])


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
