"""The public keys with which vendors sign ID tokens (RFC 7517), kept as long as the vendor's answer allows.

What a token must claim is left to each provider.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

import jwt

from integrations.errors import PermanentFailure, TemporaryFailure
from integrations.providers.http import Request, Response, send

DEFAULT_SECONDS = 3600.0
LONGEST_SECONDS = 24 * 3600.0
REFETCH_SECONDS = 30.0
_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: dict[str, jwt.PyJWK]
    fetched: float
    expires: float


_sets: dict[str, _KeySet] = {}
_lock = threading.Lock()


def signing_key(token: str, jwks_url: str) -> jwt.PyJWK:
    """The key that the header of ``token`` names, from the set at ``jwks_url``.

    A name that is not in the set fetches the set anew, since vendors change keys at any time, but at most once in half
    a minute. Raises ``PermanentFailure`` for a key that the vendor does not have, ``TemporaryFailure`` where its keys
    cannot be read.
    """
    try:
        name = str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.PyJWTError:
        raise PermanentFailure("The provider's sign-in answer cannot be read.", code="id_token") from None
    now = time.monotonic()
    with _lock:
        known = _sets.get(jwks_url)
        if known is None or known.expires <= now or (name not in known.keys and known.fetched + REFETCH_SECONDS <= now):
            known = _sets[jwks_url] = _fetch(jwks_url, now)
    key = known.keys.get(name)
    if key is None:
        raise PermanentFailure("The provider's sign-in answer is signed with an unknown key.", code="kid")
    return key


def _fetch(url: str, now: float) -> _KeySet:
    response = send(Request("GET", url))
    if not response.ok:
        raise TemporaryFailure("The provider's signing keys cannot be fetched.", code=str(response.status))
    keys: dict[str, jwt.PyJWK] = {}
    for entry in response.error_json().get("keys", []):
        try:
            key = jwt.PyJWK(entry, algorithm="RS256")
        except (jwt.PyJWTError, ValueError):
            continue  # a kind of key that is not for RS256
        if key.key_id:
            keys[key.key_id] = key
    if not keys:
        raise TemporaryFailure("The provider's signing keys cannot be read.", code="jwks")
    return _KeySet(keys, now, now + _lifetime(response))


def _lifetime(response: Response) -> float:
    found = _MAX_AGE.search(response.headers.get("cache-control", ""))
    return min(float(found[1]), LONGEST_SECONDS) if found else DEFAULT_SECONDS
