"""Gmail's search language as SQL: ``q`` of messages.list, threads.list and drafts.list.

Gmail Help, "Refine searches in Gmail"; Gmail API, "Search and filter messages". A term it does not know is a word to
look for, as at Gmail: nothing is refused.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.accounts import Account

# Groups hold groups, two deep.
_INNER = r"(?:[^(){}]|\((?:[^(){}]|\([^(){}]*\)|\{[^(){}]*\})*\)|\{(?:[^(){}]|\([^(){}]*\)|\{[^(){}]*\})*\})*"
_TOKEN = re.compile(
    rf'\s*(-?)(?:([a-zA-Z][a-zA-Z0-9_]*):)?("[^"]*"|\({_INNER}\)|\{{{_INNER}\}}|[^\s(){{}}"]+)|\s*([(){{}}])'
)
_PEOPLE = {"from", "to", "cc", "bcc", "deliveredto"}
_DATES = ZoneInfo("America/Los_Angeles")  # "interpreted as midnight on that date in the PST timezone"
_COLUMNS = {"from": "sender", "subject": "subject", "filename": "filenames", "list": "listed"}
_PLACES = {"inbox", "sent", "draft", "trash", "spam", "starred", "important", "unread", "chat"}
_STATES = {"unread": "UNREAD", "starred": "STARRED", "important": "IMPORTANT"}
_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}
_WORD = re.compile(r"\w+")
Condition = tuple[str, list[Any]]
_NEVER: Condition = ("0", [])


class Search:
    """One query of one account at one time. ``condition()`` is about the alias ``m`` of gmail_message."""

    def __init__(self, account: Account, query: str, now: datetime) -> None:
        self.account = account
        self.query = query
        self.now = now

    def condition(self) -> Condition:
        """SQL and its values; an empty query matches everything."""
        return self._group(self.query)

    @property
    def everywhere(self) -> bool:
        """Whether the query itself asks for spam and trash."""
        return bool(
            re.search(r"(?i)\b(in:(anywhere|trash|spam)|label:(trash|spam|\^k|\^s)|is:(trash|spam))\b", self.query)
        )

    def _group(self, text: str, joint: str = "AND") -> Condition:
        terms: list[Condition] = []
        alternative = False
        for match in _TOKEN.finditer(text):
            minus, operator, value, _ = match.groups()
            if value is None or (value == "AND" and not operator):
                continue
            if value in ("OR", "|") and not operator:
                alternative = bool(terms)
                continue
            term = self._term((operator or "").lower(), value)
            if minus:
                term = (f"NOT {term[0]}", term[1])
            if alternative:
                before = terms.pop()
                term = (f"({before[0]} OR {term[0]})", before[1] + term[1])
                alternative = False
            terms.append(term)
        if not terms:
            return "1", []
        return "(" + f" {joint} ".join(t[0] for t in terms) + ")", [v for t in terms for v in t[1]]

    def _term(self, operator: str, value: str) -> Condition:
        if value[0] in "({":
            inner, joint = value[1:-1], "OR" if value[0] == "{" else "AND"
            if operator:
                words = " ".join(
                    w if w in ("OR", "AND") else f"{operator}:{w}" for w in re.findall(r'"[^"]*"|\S+', inner)
                )
                return self._group(words, joint)
            return self._group(inner, joint)
        value = value.strip('"')
        found = self._operator(operator, value)
        if found is not None:
            return found
        return self._words("", f"{operator} {value}" if operator else value)

    def _operator(self, operator: str, value: str) -> Condition | None:
        if operator in _PEOPLE and value.lower() == "me":
            value = self.account.email
        if operator in _COLUMNS:
            return self._words(_COLUMNS[operator], value)
        if operator in ("to", "cc", "bcc", "deliveredto"):
            return self._words("recipients copies" if operator in ("to", "deliveredto") else "copies", value)
        if operator == "rfc822msgid":
            return "m.message_id = ?", [f"<{value.strip('<>')}>"]
        if operator in ("in", "is", "label", "category"):
            return self._place(operator, value)
        if operator == "has":
            return self._has(value.lower())
        if operator in ("after", "newer", "before", "older"):
            return self._date(operator in ("after", "newer"), value)
        if operator in ("newer_than", "older_than"):
            return self._age(operator == "newer_than", value)
        if operator in ("larger", "size", "smaller"):
            return self._size("<" if operator == "smaller" else ">", value)
        return None

    def _words(self, columns: str, value: str) -> Condition:
        words = _WORD.findall(value)
        if not words:
            return _NEVER
        phrase = '"' + " ".join(words) + '"'
        match = f"{{{columns}}} : {phrase}" if columns else phrase
        return "m.number IN (SELECT rowid FROM gmail_words WHERE gmail_words MATCH ?)", [match]

    def _label(self, label: str) -> Condition:
        sql = "EXISTS (SELECT 1 FROM gmail_labelling s WHERE s.number = m.number AND s.label_id = ?)"
        return sql, [label]

    def _place(self, operator: str, value: str) -> Condition | None:
        low = value.lower()
        if operator == "in" and low == "anywhere":
            return "1", []
        if operator == "is" and low == "read":
            return "NOT " + self._label("UNREAD")[0], ["UNREAD"]
        if operator == "category":
            return self._label(f"CATEGORY_{'PERSONAL' if low == 'primary' else low.upper()}")
        if low in ("drafts", "draft"):
            return self._label("DRAFT")
        if low in _PLACES:
            return self._label(_STATES.get(low, low.upper()))
        if operator == "is":
            return None
        # A label is named in lower case with hyphens for spaces and slashes.
        sql = (
            "EXISTS (SELECT 1 FROM gmail_labelling s"
            " JOIN gmail_label n ON n.account_id = s.account_id AND n.id = s.label_id"
            " WHERE s.number = m.number AND replace(replace(lower(n.name), ' ', '-'), '/', '-') = ?)"
        )
        return sql, [low.replace(" ", "-").replace("/", "-")]

    def _has(self, value: str) -> Condition | None:
        if value == "attachment":
            return "m.attached", []
        if value in ("userlabels", "nouserlabels"):
            sql = "EXISTS (SELECT 1 FROM gmail_labelling s WHERE s.number = m.number AND s.label_id GLOB 'Label_*')"
            return ("NOT " if value[0] == "n" else "") + sql, []
        return None

    def _date(self, after: bool, value: str) -> Condition | None:
        if value.isdigit() and len(value) > 8:
            when = int(value) * 1000
        else:
            found = re.fullmatch(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", value)
            if not found:
                return _NEVER
            try:
                year, month, day = map(int, found.groups())
                when = int(datetime(year, month, day, tzinfo=_DATES).timestamp()) * 1000
            except ValueError:
                return _NEVER
        return ("m.received >= ?" if after else "m.received < ?"), [when]

    def _age(self, newer: bool, value: str) -> Condition | None:
        found = re.fullmatch(r"(\d+)([hdwmy])", value.lower())
        if not found:
            return _NEVER
        since = self.now - timedelta(days=int(found[1]) * _UNITS[found[2]])
        return ("m.received >= ?" if newer else "m.received < ?"), [int(since.timestamp() * 1000)]

    def _size(self, sign: str, value: str) -> Condition | None:
        found = re.fullmatch(r"(\d+)([km]?)b?", value.lower())
        if not found:
            return _NEVER
        return f"m.size {sign} ?", [int(found[1]) * {"": 1, "k": 1024, "m": 1024**2}[found[2]]]
