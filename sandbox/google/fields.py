"""Partial responses: the ``fields`` parameter, as Google's "Performance tips" describe it: ``a,b(c,d),e/f,*``."""

from __future__ import annotations

import re
from typing import Any

from sandbox.google.contract import Api
from sandbox.google.errors import invalid

Mask = dict[str, "Mask"]  # an empty mask keeps everything below it
_TOKEN = re.compile(r"[A-Za-z0-9_$.@:-]+|[*(),/]")


def parse(text: str) -> Mask:
    """The mask of a selector. Raises Google's 400 for a malformed one."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", "") or not tokens:
        raise _bad(text)
    mask, at = _selection(tokens, 0, text)
    if at != len(tokens):
        raise _bad(text)
    return mask


def _bad(text: str) -> Exception:
    return invalid(f"Invalid field selection {text}", "fields", "invalidParameter")


def _selection(tokens: list[str], at: int, text: str) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        at = _path(tokens, at, mask, text)
        if at >= len(tokens) or tokens[at] != ",":
            return mask, at
        at += 1


def _path(tokens: list[str], at: int, mask: Mask, text: str) -> int:
    if at >= len(tokens) or tokens[at] in "(),/":
        raise _bad(text)
    inner = mask.setdefault(tokens[at], {})
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        return _path(tokens, at + 1, inner, text)
    if at < len(tokens) and tokens[at] == "(":
        below, at = _selection(tokens, at + 1, text)
        if at >= len(tokens) or tokens[at] != ")":
            raise _bad(text)
        inner.update(below)
        at += 1
    return at


def check(api: Api, schema: dict[str, Any], mask: Mask) -> None:
    """Refuse a selection of fields that the answer's schema does not have."""
    schema = api.schemas[schema["$ref"]] if "$ref" in schema else schema
    if "items" in schema:
        return check(api, schema["items"], mask)
    properties = schema.get("properties")
    for name, below in mask.items():
        if properties is None:
            free = schema.get("additionalProperties")
            if free is None:
                raise _bad(name)
            check(api, free, below)
        elif name == "*":
            continue
        elif name not in properties:
            raise _bad(name)
        elif below:
            check(api, properties[name], below)


def apply(mask: Mask, value: Any) -> Any:
    """``value`` with only what the mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask:
        return {name: apply(mask.get(name, mask["*"]), inner) for name, inner in value.items()}
    return {name: apply(mask[name], inner) for name, inner in value.items() if name in mask}
