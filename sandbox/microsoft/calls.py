"""One API call as the handlers see it, and what they answer; the same whether it came alone or inside a $batch.

Preferences: "Prefer" request headers of the Outlook resources, confirmed by Preference-Applied. Reading query
options is left to ``odata``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft.errors import bad_request
from sandbox.store import Store

_PREFERENCE = re.compile(r'([\w.\-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;"]*)))?')


@dataclass(slots=True)
class Answer:
    """A status with a JSON body, bytes of ``content_type``, or nothing."""

    status: int = 200
    body: dict[str, Any] | bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A request of an authenticated caller. ``root`` is this host's ``…/v1.0``; ``path`` what follows, as it came."""

    store: Store
    account: Account
    client_id: str
    scopes: frozenset[str]
    method: str
    root: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    content: bytes = b""
    token: str = ""
    preferences: dict[str, str] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, quoted, bare in _PREFERENCE.findall(self.headers.get("prefer", "")):
            self.preferences[name.lower()] = quoted or bare.strip()

    def prefer(self, name: str) -> str:
        """A preference's value, noted as applied; empty without it."""
        value = self.preferences.get(name.lower(), "")
        if value:
            said = f'{name}="{value}"'
            if said not in self.applied:
                self.applied.append(said)
        return value

    @property
    def immutable(self) -> bool:
        """Whether ids are to be immutable ones."""
        if self.preferences.get("idtype", "").lower() != "immutableid":
            return False
        self.prefer("IdType")
        return True

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one counts as ``{}``."""
        if not self.content.strip():
            return {}
        try:
            value = json.loads(self.content)
            json.dumps(value, ensure_ascii=False).encode()  # lone surrogates are no text
        except (ValueError, RecursionError):
            raise bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of"
                " valid JSON format."
            ) from None
        if not isinstance(value, dict):
            raise bad_request("The request body must be a JSON object.")
        return value

    def argument(self, body: dict[str, Any], name: str) -> Any:
        """An action's parameter, in camelCase or in the PascalCase of the metadata."""
        return body.get(name, body.get(name[0].upper() + name[1:]))

    def context(self, entity: str, *, one: bool = False) -> str:
        """The ``@odata.context`` of an answer about ``entity``, as a path below the user."""
        user = f"users('{self.account.subject}')"
        return f"{self.root}/$metadata#{user}/{entity}" + ("/$entity" if one else "")
