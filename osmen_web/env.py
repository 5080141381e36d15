"""Strict reading of the environment. A value that cannot be used stops the start with a sentence that names it.

Secrets may be given as ``NAME`` or as ``NAME_FILE``, the path of a file that holds it. What the names mean is said in
``docs/configuration.md`` and used in ``settings.py``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def text(name: str, default: str = "") -> str:
    """The value of ``name``, without surrounding blanks; ``default`` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """A secret from ``name`` or from the file that ``name_FILE`` names; empty where neither is set."""
    value, path = text(name), text(f"{name}_FILE")
    if value and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return value
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least ``least``."""
    value = text(name)
    if not value:
        return default
    try:
        parsed = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if parsed < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {parsed}.")
    return parsed


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of ``allowed``."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A list separated by commas."""
    value = text(name)
    return tuple(part.strip() for part in value.split(",") if part.strip()) if value else default


def addresses(name: str) -> tuple[str, ...]:
    """Addresses of mail, separated by commas."""
    found = words(name)
    if not all(map(_ADDRESS.fullmatch, found)):
        raise ImproperlyConfigured(f"{name} must be mail addresses separated by commas, not {text(name)!r}.")
    return found
