"""What pages say of whoever opens them: what a signed-out person may do, where a signed-in one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.template import Library

from accounts.sessions import SignedIn, sessions_of

register = Library()


@register.simple_tag(takes_context=True)
def sign_up_open(context: dict[str, Any]) -> bool:
    """Whether this browser may create an account: always, or by the invitation that it holds."""
    request = context["request"]
    return bool(get_adapter(request).is_open_for_signup(request))


@register.simple_tag(takes_context=True)
def browsers(context: dict[str, Any]) -> list[SignedIn]:
    """Where the signed-in person is signed in."""
    return sessions_of(context["request"], context["request"].user)
