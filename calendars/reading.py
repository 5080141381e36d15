"""Makes an event's description safe to show: no image, style or class of a stranger's is kept."""

from __future__ import annotations

import re
from html import unescape

import nh3
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

MOST = 200_000
_TAGS = set(
    re.findall(
        r"\w+",
        """
        a b blockquote br code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span strong sub sup
        table tbody td tfoot th thead tr u ul
        """,
    )
)
_GONE = {"script", "style", "title", "noscript", "template", "iframe", "object", "embed", "svg", "math", "head"}


def html_description(html: str) -> SafeString:
    """The allowed rest of a received HTML text, its links opening elsewhere."""
    return _safe(html[:MOST])


def text_description(text: str) -> SafeString:
    """A plain text with its paragraphs, its addresses made links."""
    return _safe(linebreaks(urlize(escape(text.strip()[:MOST]), nofollow=False)) if text.strip() else "")


def _safe(markup: str) -> SafeString:
    cleaned = nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags=_GONE,
        attributes={"a": {"href"}, "ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    # Safe: it is what nh3 let through.
    return mark_safe(cleaned if nh3.clean(cleaned, tags=set()).strip() else "")


def plain(html: str) -> str:
    """An HTML description as text that can be edited, with its paragraphs."""
    broken = re.sub(r"(?i)<br\s*/?>|</(?:p|div|li|h[1-6]|tr)>", "\n", html[:MOST])
    text = unescape(nh3.clean(broken, tags=set(), clean_content_tags=_GONE))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
