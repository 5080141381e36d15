"""What a word is, the same in both databases: text is folded here, so that neither has an opinion of its own.

Case, accents and compatibility forms make no difference. Scripts that put no space between words are taken character by
character, so that any run of them is found as a phrase. How a search is read is ``query``; where words are kept and
looked for is ``index`` and ``find``.
"""

from __future__ import annotations

import re
import unicodedata

# A longer word is a piece of data that lost its way; PostgreSQL takes none beyond 2,046 bytes.
LONGEST_WORD = 200

_WORD = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0x20000, 0x3FFFF),
)


class _Folding(dict[int, str | None]):
    """What becomes of each character, found out when it is first seen."""

    def __missing__(self, code: int) -> str | None:
        self[code] = folded = _fold(code)
        return folded


def _fold(code: int) -> str | None:
    character = chr(code)
    if code < 0x80:
        return character
    kind = unicodedata.category(character)
    if kind == "Cf" or unicodedata.combining(character):
        return None
    if any(first <= code <= last for first, last in _UNSPACED) and kind[0] in "LM":
        return f" {character} "
    return character if kind[0] in "LMN" else " "


_folding = _Folding()


def folded(text: str) -> str:
    """Text whose runs of ASCII letters and digits and of any other characters beyond ASCII are its words."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return decomposed.translate(_folding)


def words(text: str) -> list[str]:
    """The words of folded text, in order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(text)]
