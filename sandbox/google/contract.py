"""Google's discovery documents as the contract that the sandbox serves: its methods, what each takes and answers.

The documents are the ones that google-api-python-client ships, so that the sandbox and Google's own client read the
same page. Paths, verbs, parameters, scopes and schemas are never restated here. What a method does is left to its
handler.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

DOCUMENTS = {
    "gmail": "gmail.v1.json",
    "calendar": "calendar.v3.json",
    "people": "people.v1.json",
    "pubsub": "pubsub.v1.json",
    "oauth2": "oauth2.v2.json",
}
_PLACE = re.compile(r"\{(\+?)([A-Za-z]+)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter. ``minimum`` and ``maximum`` are inclusive."""

    name: str
    type: str
    format: str
    repeated: bool
    required: bool
    enum: frozenset[str]
    default: str | None
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Method:
    """One method, as its document states it. ``request`` and ``response`` name schemas, or are empty."""

    id: str
    verb: str
    paths: tuple[re.Pattern[str], ...]
    parameters: dict[str, Parameter]
    scopes: frozenset[str]
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class Api:
    """One API: its methods, schemas and the parameters that all methods share."""

    name: str
    methods: dict[str, Method]
    schemas: dict[str, dict[str, Any]]
    shared: dict[str, Parameter]

    @property
    def strict(self) -> bool:
        """Gmail and People refuse unknown names in a JSON body; Calendar, an older kind of API, ignores them."""
        return self.name != "calendar"

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method behind a percent-encoded path, with the decoded values in it."""
        for method in self.methods.values():
            if method.verb != verb:
                continue
            for pattern in method.paths:
                match = pattern.fullmatch(path)
                if match:
                    return method, {name: unquote(value) for name, value in match.groupdict().items()}
        return None


def _parameter(name: str, stated: dict[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        type=stated["type"],
        format=stated.get("format", ""),
        repeated=stated.get("repeated", False),
        required=stated.get("required", False),
        enum=frozenset(stated.get("enum", ())),
        default=stated.get("default"),
        minimum=int(stated["minimum"]) if "minimum" in stated else None,
        maximum=int(stated["maximum"]) if "maximum" in stated else None,
    )


def _pattern(path: str, parameters: dict[str, Any]) -> re.Pattern[str]:
    def place(match: re.Match[str]) -> str:
        spans, name = match.groups()
        inner = parameters[name].get("pattern", "^[^/]+$").strip("^$") if spans else "[^/]+?"
        return f"(?P<{name}>{inner})"

    out, at = "", 0
    for match in _PLACE.finditer(path):
        out += re.escape(path[at : match.start()]) + place(match)
        at = match.end()
    return re.compile(out + re.escape(path[at:]))


def _method(stated: dict[str, Any], service_path: str) -> Method:
    parameters = stated.get("parameters", {})
    paths = ["/" + service_path + stated["path"]]
    paths += [protocol["path"] for protocol in stated.get("mediaUpload", {}).get("protocols", {}).values()]
    return Method(
        id=stated["id"],
        verb=stated["httpMethod"],
        paths=tuple(_pattern(path, parameters) for path in paths),
        parameters={n: _parameter(n, p) for n, p in parameters.items() if p["location"] == "query"},
        scopes=frozenset(stated.get("scopes", ())),
        request=stated.get("request", {}).get("$ref", ""),
        response=stated.get("response", {}).get("$ref", ""),
    )


def _walk(resource: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(resource.get("methods", {}).values())
    for inner in resource.get("resources", {}).values():
        found += _walk(inner)
    return found


def document(name: str) -> dict[str, Any]:
    """The discovery document of one of ``DOCUMENTS``."""
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    loaded: dict[str, Any] = json.loads((folder / DOCUMENTS[name]).read_text("utf-8"))
    return loaded


@cache
def api(name: str) -> Api:
    """The contract of one API; read once per process."""
    read = document(name)
    methods = [_method(stated, read["servicePath"]) for stated in _walk(read)]
    # Literal paths before templates: /messages/batchModify is not the message named batchModify.
    methods.sort(key=lambda m: (m.paths[0].groups, -len(m.paths[0].pattern)))
    shared = {n: _parameter(n, p) for n, p in read["parameters"].items()}
    return Api(name, {m.id: m for m in methods}, read["schemas"], shared)
