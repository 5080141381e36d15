"""What a person looks for, read from one line: words, "phrases" and operators, each of which a minus turns round.

Pure: which folders ``in:`` names and whose account ``account:`` is are left to ``scope``, the index to ``find``.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from mail.search.words import LONGEST_WORD, folded, words

# A shorter beginning of a word matches half of a mailbox.
SHORTEST_BEGINNING = 3
MOST_TERMS = 20
OPERATORS = ("from", "to", "subject", "has", "is", "in", "account", "before", "after")

_NAME = rf"({'|'.join(OPERATORS)}):"
_ITEM = re.compile(rf'(-?)(?:{_NAME}\s*(?!-?{_NAME}))?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
# One that is still being typed.
_BEGUN = re.compile(f"-?{_NAME}", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", re.ASCII)


class Part(enum.StrEnum):
    """Where words are looked for."""

    ANYWHERE = "anywhere"
    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENTS = "recipients"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side. ``begins``: the last one may go on. Not ``wanted``: they may not be there."""

    words: tuple[str, ...]
    begins: bool
    part: Part = Part.ANYWHERE
    wanted: bool = True


Named = tuple[str, bool]


@dataclass(slots=True)
class Query:
    """Everything that has to hold. Of ``flags``, ``folders`` and ``accounts`` each is a name and whether it is wanted.

    Flags are columns of a message. Mail is of the days from ``since`` to the one before ``until``.
    """

    terms: list[Term] = field(default_factory=list)
    flags: list[Named] = field(default_factory=list)
    folders: list[Named] = field(default_factory=list)
    accounts: list[Named] = field(default_factory=list)
    since: date | None = None
    until: date | None = None

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return not (self.terms or self.flags or self.folders or self.accounts or self.since or self.until)


def read(text: str) -> Query:
    """Every term must be there. What stands in quotes is meant exactly; an operator whose value says nothing to us is
    taken for words.
    """
    query = Query()
    for minus, operator, _, quoted, plain in _ITEM.findall(text.replace("\x00", " ")):
        wanted, name = not minus, operator.lower()
        if not operator and _BEGUN.fullmatch(plain):
            continue
        if name in _READ and _READ[name](query, quoted or plain, wanted):
            continue
        said = f"{operator} {plain}" if name in _READ and not quoted else quoted or plain
        if sought := _up_to_a_cut(words(folded(said))):
            cut = len(sought[-1]) == LONGEST_WORD
            begins = cut or (not quoted and len(sought[-1]) >= SHORTEST_BEGINNING)
            query.terms.append(Term(sought, begins, _PARTS.get(name, Part.ANYWHERE), wanted))
    del query.terms[MOST_TERMS:], query.folders[MOST_TERMS:], query.accounts[MOST_TERMS:]
    return query


def _up_to_a_cut(found: list[str]) -> tuple[str, ...]:
    """What follows a word that was cut off cannot be told from what was cut."""
    end = next((n for n, word in enumerate(found, 1) if len(word) == LONGEST_WORD), len(found))
    return tuple(found[:end])


def _flag(query: Query, value: str, wanted: bool) -> bool:
    name, set_ = _FLAGS.get(value.lower(), ("", True))
    if name:
        query.flags.append((name, set_ is wanted))
    return bool(name)


def _folder(query: Query, value: str, wanted: bool) -> bool:
    # A star is a flag, though one of the vendors keeps it as a label.
    return (value.lower() == "starred" and _flag(query, value, wanted)) or _name(query.folders, value, wanted)


def _account(query: Query, value: str, wanted: bool) -> bool:
    return _name(query.accounts, value, wanted)


def _name(names: list[Named], value: str, wanted: bool) -> bool:
    names.append((value, wanted))
    return True


def _before(query: Query, value: str, wanted: bool) -> bool:
    day = _day(value)
    if day and wanted:
        query.until = min(query.until or day, day)
    elif day:
        query.since = max(query.since or day, day)
    return day is not None


def _after(query: Query, value: str, wanted: bool) -> bool:
    return _before(query, value, not wanted)


def _day(value: str) -> date | None:
    """2026-11-23, or the first day of 2026-11 or of 2026. None for anything else."""
    found = _DATE.fullmatch(value)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return None


_FLAGS = {
    "unread": ("unread", True),
    "read": ("unread", False),
    "starred": ("starred", True),
    "attachment": ("has_attachments", True),
    "attachments": ("has_attachments", True),
    "invitation": ("has_invitation", True),
}
_PARTS = {"subject": Part.SUBJECT, "from": Part.SENDER, "to": Part.RECIPIENTS}
_READ: dict[str, Callable[[Query, str, bool], bool]] = {
    "has": _flag,
    "is": _flag,
    "in": _folder,
    "account": _account,
    "before": _before,
    "after": _after,
}
