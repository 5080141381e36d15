"""Query parameters, checked against a method's contract: unknown names and bad values are Google's 400."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sandbox.google.contract import Api, Method, Parameter
from sandbox.google.errors import GoogleError, invalid

_RANGES = {
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_INTEGER = re.compile(r"-?[0-9]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def moment(text: str) -> datetime:
    """An RFC 3339 time with a mandatory offset. Raises ``ValueError``."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper())


def _integer(parameter: Parameter, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise invalid(
            f"Invalid value '{text}'. Values must match the following regular expression: '-?[0-9]+'", parameter.name
        )
    value = int(text)
    low, high = _RANGES.get(parameter.format, (-(2**63), 2**63 - 1))
    low = max(low, parameter.minimum) if parameter.minimum is not None else low
    high = min(high, parameter.maximum) if parameter.maximum is not None else high
    if not low <= value <= high:
        raise invalid(
            f"Invalid value '{text}'. Values must be within the range: [{low}, {high}]",
            parameter.name,
            "invalidParameter",
        )
    return value


def _value(parameter: Parameter, text: str) -> Any:
    if parameter.enum and text not in parameter.enum:
        allowed = ", ".join(sorted(parameter.enum))
        raise invalid(f"Invalid value '{text}'. Allowed values are: [{allowed}]", parameter.name, "invalidParameter")
    if parameter.type == "integer":
        return _integer(parameter, text)
    if parameter.type == "boolean":
        if text not in ("true", "false"):
            raise invalid(f"Invalid value for boolean parameter: {text}", parameter.name, "invalidParameter")
        return text == "true"
    if parameter.format in ("uint64", "int64"):
        return str(_integer(parameter, text))
    if parameter.format == "date-time":
        try:
            moment(text)
        except ValueError:
            raise GoogleError(400, "badRequest", "Bad Request", place=("parameter", parameter.name)) from None
    return text


def read(api: Api, method: Method, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of a request, typed, with the contract's defaults. Repeated ones are lists."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        parameter = method.parameters.get(name) or api.shared.get(name)
        if parameter is None:
            raise GoogleError(
                400,
                "invalidParameter",
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message.",
                place=("parameter", name),
            )
        value = _value(parameter, text)
        if parameter.repeated:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise invalid(f'Parameter "{name}" is given more than once.', name, "invalidParameter")
        else:
            found[name] = value
    for parameter in method.parameters.values():
        if parameter.name in found:
            continue
        if parameter.required:
            raise invalid(f"Required parameter: {parameter.name}", parameter.name, "required")
        if parameter.default is not None:
            found[parameter.name] = _value(parameter, parameter.default)
    if found.get("alt", "json") not in ("json", "media"):
        raise invalid(f"Invalid value '{found['alt']}'. The sandbox answers alt=json.", "alt", "invalidParameter")
    return found
