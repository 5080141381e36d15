"""The words of an HTML body as plain text, for looking for them and for programs. What a person sees is in ``html``."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

MOST = 500_000


def readable(html: str) -> str:
    """The words of a page, a line to each of its blocks."""
    page = LexborHTMLParser(html[:MOST])
    for unread in page.css("script, style, title"):
        unread.decompose()
    words = page.body.text(separator="\n", strip=True) if page.body else ""
    return "\n".join(line for line in words.splitlines() if line.strip())
