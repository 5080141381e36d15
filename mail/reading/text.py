"""Plain text as markup: escaped, addresses made links, the quoted past folded."""

from __future__ import annotations

import re

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_LINK = re.compile(
    r"(?P<web>\bhttps?://[^\s<>\"'\u00a0]+)|(?P<mail>\b[\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\b)"
)
_TRAILING = ".,;:!?)]}'\u201d\u2019>*_"
_QUOTED = re.compile(r"^\s?>")
# "On Monday … wrote:" in any language ends with a colon and stands right above what it quotes.
_INTRODUCTION = re.compile(r":\s*$")
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s?(Original Message|Ursprüngliche Nachricht|Message d'origine|Opprinnelig melding)\s?-{2,}"
)
_MOST_LINKED = 200_000


def render(text: str) -> SafeString:
    """A plain body. What follows the writer's own words is folded, as long as there are words of their own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    start = _quote_start(lines)
    own, quoted = "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).strip("\n")
    if not own.strip() or not quoted:
        own, quoted = "\n".join(lines), ""
    body = format_html('<div class="plain-text">{}</div>', _linked(own))
    if not quoted:
        return body
    return format_html(
        '{}<details class="quote"><summary class="chip"><span aria-hidden="true">…</span>'
        '<span class="vh">Earlier text</span></summary><blockquote class="plain-text">{}</blockquote></details>',
        body,
        _linked(quoted),
    )


def _quote_start(lines: list[str]) -> int:
    """The first line of the quotation that ends the text; the number of lines if it does not end with one."""
    for number, line in enumerate(lines):
        if _ORIGINAL.match(line):
            return number
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (_QUOTED.match(lines[start - 1]) or not lines[start - 1].strip()):
        start -= 1
    if not any(_QUOTED.match(line) for line in lines[start:end]):
        return len(lines)
    # One or two lines say who is quoted.
    if start and _INTRODUCTION.search(lines[start - 1]):
        start -= 1
        if start and lines[start - 1].strip() and len(lines[start]) < 40:
            start -= 1
    return start


def _linked(text: str) -> SafeString:
    if len(text) > _MOST_LINKED:
        return escape(text)
    parts: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        found = match.group()
        if match["web"]:
            found = _trimmed(found)
        target = found if match["web"] else f"mailto:{found}"
        parts += [
            escape(text[end : match.start()]),
            format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', target, found),
        ]
        end = match.start() + len(found)
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # every part is escaped above


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside."""
    while address and address[-1] in _TRAILING:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address
