"""What Graph's answers mean: each answer that is no success becomes exactly one of ``integrations.errors``.

The status decides, then the code (Microsoft Graph, "error responses and resource types"): codes come in both
camelCase and PascalCase and are compared without case. The sign-in service's errors are left to ``oauth_errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.errors import (
    Conflict,
    CursorExpired,
    IntegrationError,
    NotFound,
    PermanentFailure,
    RateLimited,
    ScopeMissing,
    TemporaryFailure,
    Unauthorized,
)
from integrations.providers.http import Response

DEFAULT_WAIT = 30.0

_EXPIRED = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "resyncchangesapplydifferences"})
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi"})
_NO_SCOPE = frozenset(
    {
        "accessdenied",
        "authorization_requestdenied",
        "erroraccessdenied",
        "errorinsufficientpermissionsinaccesstoken",
        "insufficientpermissions",
        "noprivileges",
    }
)
_BUSY = frozenset({408, 423, 424, 500, 502, 503, 504})


def failure(response: Response) -> IntegrationError:
    """The one error that an unsuccessful answer of Graph means."""
    codes, message = _read(response.error_json())
    code = codes[0] if codes else str(response.status)
    known = {c.casefold() for c in codes}
    status, wait = response.status, response.retry_after()
    if status == 410 or (400 <= status < 500 and known & _EXPIRED):
        return CursorExpired("Microsoft no longer knows the stored position, so everything is read again.", code=code)
    if known & _NO_MAILBOX:
        return PermanentFailure("This Microsoft account has no mailbox in Exchange Online or Outlook.com.", code=code)
    if status == 401:
        return Unauthorized("Microsoft did not accept the sign-in.", code=code)
    if status == 403 and (known & _NO_SCOPE or not known):
        return ScopeMissing("Microsoft says that permission for this is missing.", code=code)
    if status == 404:
        return NotFound("This is no longer at Microsoft.", code=code)
    if status in (409, 412):
        return Conflict("This was changed at Microsoft in the meantime.", code=code)
    if status in (429, 509) or (status in _BUSY and wait is not None):
        return RateLimited("Microsoft asks to wait.", retry_after=DEFAULT_WAIT if wait is None else wait, code=code)
    if status in _BUSY:
        return TemporaryFailure("Microsoft has a problem at the moment.", code=code)
    if status == 507:
        return PermanentFailure("The Microsoft mailbox is full.", code=code)
    return PermanentFailure(f"Microsoft refused this: {message}" if message else "Microsoft refused this.", code=code)


def _read(body: Mapping[str, Any]) -> tuple[list[str], str]:
    """The codes, outermost first, and the message for people."""
    error = body.get("error")
    if not isinstance(error, Mapping):
        return [], ""
    message, codes = str(error.get("message") or "")[:300], []
    while isinstance(error, Mapping):
        if code := error.get("code"):
            codes.append(str(code))
        error = error.get("innerError") or error.get("innererror")
    return codes, message
