"""What a person is called, sorted and found by. Nothing here asks the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SORT_LENGTH = 120
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
# Letters that are no letter with an accent to Unicode.
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[\d\s()+./-]{3,}")
Pairs = Sequence[Sequence[str]]


def fold(text: str) -> str:
    """Text without case and accents, so that "Aydin" finds "Aydın"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def display_name(fields: Mapping[str, Any]) -> str:
    """The best that there is to call somebody: their name, else whatever is known."""
    parts = " ".join(filter(None, (fields.get("given_name"), fields.get("family_name"))))
    values = (pair[0] for name in ("emails", "phones") for pair in fields.get(name) or ())
    known = (parts, fields.get("nickname"), fields.get("organization"), *values)
    return str(next(filter(None, known), ""))


def sort_key(name: str, family_name: str, given_name: str) -> str:
    """By the family name where there is one; names beginning with none of the letters come last."""
    whole = " ".join(_WORD.findall(fold(f"{family_name} {given_name}" if family_name else name)))
    return (whole if whole[:1].isalpha() else f"~{whole}")[:SORT_LENGTH]


def letter(key: str) -> str:
    """The heading that a sort key stands under."""
    return "#" if key.startswith("~") else key[:1].upper()


def search_text(texts: Iterable[str], emails: Pairs, phones: Pairs) -> str:
    """Everything that somebody is found by: words that begin with a space, numbers in digits only."""
    words = [word for text in texts for word in _WORD.findall(fold(text))]
    for value, *_ in emails:
        words += [fold(value), *_WORD.findall(fold(value))]
    words += [digits(value) for value, *_ in phones]
    return f" {' '.join(dict.fromkeys(filter(None, words)))} "


def terms(query: str) -> list[str]:
    """What the search text must contain, all of them: beginnings of words, or a part of a number."""
    if _NUMBER.fullmatch(query.strip()) and digits(query):
        return [digits(query)]
    return [f" {fold(word)}" for word in query.split()[:8]]


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def addresses(emails: Pairs) -> set[str]:
    """E-mail addresses for comparing."""
    return {value.strip().casefold() for value, *_ in emails}


def initials(name: str) -> str:
    """For a monogram: the first and the last word's first letters."""
    words = _WORD.findall(name)
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def birthday(value: str) -> str:
    """4 March 1980, or 4 March."""
    if len(value) < 7:
        return value
    year, month, day = value[:-6], MONTHS[int(value[-5:-3]) - 1], int(value[-2:])
    return f"{day} {month} {year}" if year.isdecimal() else f"{day} {month}"
