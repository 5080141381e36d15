"""The pieces that every template uses, available without ``{% load %}``: icons, account dots, toasts.

Layout and colours are CSS; what a page shows is computed in its view. Nothing here asks the database.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.messages.storage.base import Message
from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = Library()
UNDO = "undo:"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 16, classes: str = "") -> SafeString:
    """A decorative icon of the sprite in 16 or 20 px; what it means is said beside it, in words."""
    names = " ".join(filter(None, ("i", "i-20" if size == 20 else "", classes)))
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', names, static("icons.svg"), name
    )


@register.simple_tag
def dot(colour: str, account: str) -> SafeString:
    """An account's colour with its name for those who do not see it."""
    return format_html(
        '<span class="dot acct-{}" title="{}"></span><span class="vh">{}: </span>', colour, account, account
    )


@register.inclusion_tag("components/toast.html", takes_context=True)
def toast(context: dict[str, Any], message: Message) -> dict[str, Any]:
    """A message with Undo, where its tags say ``undo:ADDRESS``: what to post to."""
    tags = message.extra_tags or ""
    return {
        "text": message.message,
        "bad": message.level_tag == "error",
        "undo": tags.removeprefix(UNDO) if tags.startswith(UNDO) else "",
        "csrf_token": context.get("csrf_token"),
    }
