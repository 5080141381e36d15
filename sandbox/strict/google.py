"""Holds requests to Google's APIs against their discovery documents: path, query parameters and JSON bodies."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs

from sandbox.google.contract import Api, Method, Parameter, api
from sandbox.strict.asked import Asked, google_parts
from sandbox.strict.discovery import parameter, problems, validator

_ROOTS = {"/gmail/": "gmail", "/upload/gmail/": "gmail", "/calendar/": "calendar", "/v1/people": "people"}
_ROOTS |= {"/v1/otherContacts": "people", "/v1/contactGroups": "people"}
_ROOTS |= {"/v1/projects/": "pubsub", "/oauth2/v2/": "oauth2"}


def judge(asked: Asked) -> list[str]:
    """What is wrong with a request; nothing for those that do not go to Google's APIs."""
    if asked.path.startswith("/batch"):
        return [problem for part in google_parts(asked) for problem in judge(part)]
    name = next((name for root, name in _ROOTS.items() if asked.path.startswith(root)), None)
    if name is None:
        return []
    contract = api(name)
    found = contract.find(asked.verb, asked.path)
    if found is None:
        return ["it is in no discovery document"]
    method = found[0]
    return _query(contract, method, asked) + _body(name, method, asked)


@cache
def _parameter(stated: Parameter) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(parameter(stated))


def _query(contract: Api, method: Method, asked: Asked) -> list[str]:
    found, given = [], [name for name, _ in asked.pairs]
    for name, text in asked.pairs:
        stated = method.parameters.get(name) or contract.shared.get(name)
        if stated is None:
            found.append(f"?{name}: {method.id} has no such parameter")
        elif given.count(name) > 1 and not stated.repeated:
            found.append(f"?{name}: given {given.count(name)} times")
        else:
            found += problems(_parameter(stated), _typed(stated, text), f"?{name}")
    missing = [one.name for one in method.parameters.values() if one.required and one.name not in given]
    return found + [f"?{name}: {method.id} needs it" for name in missing]


def _typed(stated: Parameter, text: str) -> Any:
    if stated.type == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if stated.type == "integer":
        return int(text) if text.lstrip("-").isdigit() else text
    return text


def _body(name: str, method: Method, asked: Asked) -> list[str]:
    if not asked.body.strip():
        return []
    if asked.path.startswith("/upload/"):
        return []  # media; its JSON part, where there is one, is the handler's to read
    if not method.request:
        return [f"{method.id} takes no body"]
    try:
        body = asked.json()
    except ValueError:
        return ["the body is not JSON"]
    return problems(validator(name, method.request), _without_nulls(body), "body")


def _without_nulls(value: Any) -> Any:
    """A body without the nulls by which a patch clears fields."""
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
