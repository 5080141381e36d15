"""Holds requests to Graph against an OpenAPI document: path and method, query options, JSON bodies."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from sandbox.strict.asked import Asked, graph_parts
from sandbox.strict.discovery import problems

ROOT = "/v1.0"
_PLACE = re.compile(r"\\\{\w+\\\}")
_OPAQUE = {"$skiptoken", "$deltatoken"}  # a link that was answered, followed as it is


class Graph:
    """The judge. ``contract`` is the document's path."""

    def __init__(self, contract: Path) -> None:
        self.contract = contract
        self.compiled = lru_cache(maxsize=512)(self._compile)

    @cached_property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.contract.read_text("utf-8"))
        return found

    @cached_property
    def paths(self) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
        """Every path as a pattern, fixed words before ids."""
        stated = self.document["paths"]
        order = sorted(stated, key=lambda path: (path.count("{"), -len(path)))
        return [(re.compile(_PLACE.sub("[^/]+?", re.escape(path))), stated[path]) for path in order]

    def judge(self, asked: Asked) -> list[str]:
        """What is wrong with a request; nothing for those that do not go to Graph."""
        if not asked.path.startswith(ROOT + "/"):
            return []
        if asked.path.lower() == f"{ROOT}/$batch":
            try:
                return [problem for part in graph_parts(asked) for problem in self.judge(part)]
            except (ValueError, KeyError, TypeError, AttributeError):
                return ["the batch cannot be read"]
        path = re.sub(r"^/users/[^/]+/", "/me/", unquote(asked.path.removeprefix(ROOT)))
        path = path.removesuffix("()")
        forms = dict.fromkeys((path, re.sub(r"\('([^']*)'\)", r"/\1", path)))
        stated = [one for form in forms for pattern, one in self.paths if pattern.fullmatch(form)]
        operation = next((one[asked.verb.lower()] for one in stated if asked.verb.lower() in one), None)
        if operation is None:
            return ["it is not in the contract"]
        return self._query(operation, asked) + self._body(operation, asked)

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            _, _, kind, name = part["$ref"].split("/")
            part = self.document["components"][kind][name]
        return part

    def _query(self, operation: dict[str, Any], asked: Asked) -> list[str]:
        if _OPAQUE & {name for name, _ in asked.pairs}:
            return []
        known = {
            one["name"]: one for one in map(self._resolved, operation.get("parameters", [])) if one["in"] == "query"
        }
        found = []
        for name, text in asked.pairs:
            if name not in known:
                found.append(f"?{name}: {operation['operationId']} has no such option")
                continue
            schema = known[name]["schema"]
            found += problems(self.compiled(json.dumps(schema)), _typed(self._resolved(schema), text), f"?{name}")
        given = {name for name, _ in asked.pairs}
        missing = [name for name, one in known.items() if one.get("required") and name not in given]
        return found + [f"?{name}: {operation['operationId']} needs it" for name in missing]

    def _body(self, operation: dict[str, Any], asked: Asked) -> list[str]:
        stated = self._resolved(operation["requestBody"]) if "requestBody" in operation else None
        if not asked.body.strip():
            return ["a body is needed"] if stated and stated.get("required") else []
        if stated is None:
            return [f"{operation['operationId']} takes no body"] if asked.body.strip() != b"{}" else []
        kind = asked.kind.partition(";")[0].strip().lower()
        if not any(fnmatchcase(kind, one) for one in stated["content"]):
            return [f"the body is {kind or 'of no type'}, not {' or '.join(stated['content'])}"]
        if kind != "application/json":
            return []
        try:
            body = asked.json()
        except ValueError:
            return ["the body is not JSON"]
        return problems(self.compiled(json.dumps(stated["content"][kind]["schema"])), body, "body")

    def _compile(self, schema: str) -> jsonschema_rs.Validator:
        whole = json.loads(schema) | {"components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(whole)


def _typed(schema: dict[str, Any], text: str) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return [one.strip() for one in text.split(",")]
    if kind == "integer":
        return int(text) if text.isdigit() else text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text
