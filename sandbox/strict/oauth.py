"""Holds requests to both vendors' OAuth endpoints against a schema of our own: no document of theirs states one.

Written after "OAuth 2.0 for Web Server Applications" and "OpenID Connect" at Google, and "Authorization code flow" of
the Microsoft identity platform. What a wrong parameter was is never said, only its name: it may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import jsonschema_rs

from sandbox.strict.asked import Asked

FORM = "application/x-www-form-urlencoded"
_TEXT = {"type": "string", "minLength": 1}
_ADDRESS = {"type": "string", "pattern": r"^(https://[^/]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^#]*)?$"}
_CHALLENGE = {"type": "string", "pattern": r"^[A-Za-z0-9._~-]{43,128}$"}  # RFC 7636, 4.1 and 4.2
_SCOPE = {"type": "string", "pattern": r"^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$"}  # RFC 6749, 3.3
_ASK = {
    "client_id": _TEXT,
    "redirect_uri": _ADDRESS,
    "response_type": {"const": "code"},
    "scope": _SCOPE,
    "state": _TEXT,
    "nonce": _TEXT,
    "login_hint": _TEXT,
    "code_challenge": _CHALLENGE,
    "code_challenge_method": {"enum": ["S256", "plain"]},
}
# What Microsoft's own library tells about itself, and asks for besides.
_MSAL = {r"^x-(client|app|ms)-[a-z-]+$": _TEXT, "^(client_info|claims|client-request-id)$": _TEXT}


def _stated(
    fields: dict[str, Any], needed: str, others: dict[str, Any] | None = None, either: tuple[dict[str, Any], ...] = ()
) -> jsonschema_rs.Validator:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": fields,
        "required": needed.split(),
        "patternProperties": others or {},
        "additionalProperties": False,
        "dependentRequired": {"code_challenge_method": ["code_challenge"]},
    }
    return jsonschema_rs.validator_for(schema | ({"oneOf": [*either]} if either else {}))


def _grant(kind: str, fields: dict[str, Any], needed: str, others: dict[str, Any] | None = None) -> Any:
    stated = {"grant_type": {"const": kind}, **fields}
    return _stated(stated, f"grant_type {needed}", others)


_CODE, _REFRESH = "authorization_code", "refresh_token"
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_APP = {"client_id": _TEXT, "client_secret": _TEXT}
_CODED = {**_APP, "code": _TEXT, "redirect_uri": _ADDRESS, "code_verifier": _CHALLENGE}
_AUTHORIZE = {
    "google": _stated(
        {
            **_ASK,
            "access_type": {"enum": ["online", "offline"]},
            "include_granted_scopes": {"enum": ["true", "false"]},
            "enable_granular_consent": {"enum": ["true", "false"]},
            "prompt": {"type": "string", "pattern": "^(none|(consent|select_account)( (consent|select_account))?)$"},
            "hd": _TEXT,
        },
        "client_id redirect_uri response_type scope",
    ),
    "microsoft": _stated(
        {
            **_ASK,
            "response_mode": {"enum": ["query", "fragment", "form_post"]},
            "prompt": {"enum": ["login", "none", "consent", "select_account"]},
            "domain_hint": _TEXT,
        },
        "client_id redirect_uri response_type scope",
        _MSAL,
    ),
}
_TOKEN = {
    "google": {
        _CODE: _grant(_CODE, _CODED, "client_id client_secret code redirect_uri"),
        _REFRESH: _grant(
            _REFRESH, {**_APP, "refresh_token": _TEXT, "scope": _SCOPE}, "client_id client_secret refresh_token"
        ),
        _JWT: _grant(_JWT, {"assertion": _TEXT}, "assertion"),
    },
    "microsoft": {  # an app of the kind "public" has no secret
        _CODE: _grant(_CODE, {**_CODED, "scope": _SCOPE}, "client_id code redirect_uri", _MSAL),
        _REFRESH: _grant(_REFRESH, {**_APP, "refresh_token": _TEXT, "scope": _SCOPE}, "client_id refresh_token", _MSAL),
    },
}
_REVOKE = _stated({"token": _TEXT}, "token")
_BARE = _stated({}, "")
_OPENID = {"openid", "profile", "email", "offline_access"}
# Pages for people: a browser asks for them, not an app.
_PAGES = re.compile(r"/google/(signin|photos|permissions)\b.*|/microsoft/(signin|consent)\b.*")
_TENANT = r"/microsoft/[^/]+"


def judge(asked: Asked) -> list[str]:
    """What is wrong with a request; nothing for those that go elsewhere."""
    vendor = next((name for name in _TOKEN if asked.path.startswith(f"/{name}/")), None)
    if vendor is None or _PAGES.fullmatch(asked.path):
        return []
    path = asked.path
    if re.fullmatch(rf"/google/o/oauth2/v2/auth|{_TENANT}/oauth2/v2\.0/authorize", path):
        pairs = asked.pairs if asked.verb == "GET" else asked.pairs + _form(asked)
        return _problems(_AUTHORIZE[vendor], pairs) + _one_resource(vendor, pairs)
    if re.fullmatch(rf"/google/token|{_TENANT}/oauth2/v2\.0/token", path):
        return _posted(asked) + _token(vendor, _form(asked) + _basic(asked))
    if path == "/google/revoke":
        return _posted(asked, query=True) + _problems(_REVOKE, asked.pairs + _form(asked))
    if re.fullmatch(rf"{_TENANT}/oauth2/v2\.0/logout", path):
        return []
    if re.fullmatch(
        r"/google/(v1/userinfo|oauth2/v3/certs|\.well-known/openid-configuration)|/microsoft/oidc/userinfo"
        rf"|{_TENANT}/(discovery/v2\.0/keys|v2\.0/\.well-known/openid-configuration|discovery/instance)",
        path,
    ):
        return [] if path.endswith("/instance") else _problems(_BARE, asked.pairs)
    return ["it is none of the vendor's OAuth endpoints"]


def _token(vendor: str, pairs: list[tuple[str, str]]) -> list[str]:
    stated = _TOKEN[vendor].get(dict(pairs).get("grant_type", ""))
    if stated is None:
        return ["grant_type: none of " + ", ".join(_TOKEN[vendor])]
    return _problems(stated, pairs) + _one_resource(vendor, pairs)


def _posted(asked: Asked, *, query: bool = False) -> list[str]:
    found = [] if asked.verb == "POST" else [f"{asked.verb} instead of POST"]
    if asked.kind.partition(";")[0].strip().lower() != FORM and (asked.body or not query):
        found.append("the body is no form")
    if asked.query and not query:
        found.append("a query, where what is sent belongs into the body")
    return found


def _form(asked: Asked) -> list[tuple[str, str]]:
    return parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True)


def _basic(asked: Asked) -> list[tuple[str, str]]:
    """The app's credentials from a Basic header (RFC 6749, 2.3.1)."""
    scheme, _, encoded = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [("client_id", unquote_plus(name)), ("client_secret", unquote_plus(secret))]


def _problems(stated: jsonschema_rs.Validator, pairs: list[tuple[str, str]]) -> list[str]:
    """By name alone. What comes without a value counts as left out (RFC 6749, 3.1)."""
    names = [name for name, _ in pairs]
    found = [f"{name}: given {names.count(name)} times" for name in dict.fromkeys(names) if names.count(name) > 1]
    for error in stated.iter_errors({name: value for name, value in pairs if value}):
        where = "/".join(map(str, error.instance_path))
        found.append(f"{where}: not as it should be" if where else error.message[:300].partition("{")[0] or "malformed")
    return found


def _one_resource(vendor: str, pairs: list[tuple[str, str]]) -> list[str]:
    """A token is for one resource beside OpenID's scopes ("Authorization code flow", request an access token)."""
    if vendor != "microsoft" or dict(pairs).get("grant_type") is None:
        return []
    wanted = {one for one in dict(pairs).get("scope", "").split() if one not in _OPENID}
    resources = {one.rpartition("/")[0] or "https://graph.microsoft.com" for one in wanted}
    return ["scope: of several resources"] if len(resources) > 1 else []
