"""Norway's public holidays, reckoned for the years around a day. What shows them is left to ``events``."""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.easter import easter

_FIXED = (
    (1, 1, "Første nyttårsdag"),
    (5, 1, "Arbeidernes dag"),
    (5, 17, "Grunnlovsdag"),
    (12, 25, "Første juledag"),
    (12, 26, "Andre juledag"),
)
_MOVING = (
    (-3, "Skjærtorsdag"),
    (-2, "Langfredag"),
    (0, "Første påskedag"),
    (1, "Andre påskedag"),
    (39, "Kristi himmelfartsdag"),
    (49, "Første pinsedag"),
    (50, "Andre pinsedag"),
)


def norwegian_holidays(today: date) -> list[tuple[str, date]]:
    """The holidays within half a year of today, in order."""
    days = [
        (name, day)
        for year in (today.year - 1, today.year, today.year + 1)
        for name, day in (
            *((name, date(year, month, day)) for month, day, name in _FIXED),
            *((name, easter(year) + timedelta(days=offset)) for offset, name in _MOVING),
        )
    ]
    return sorted(
        (found for found in days if abs((found[1] - today).days) <= 183), key=lambda found: (found[1], found[0])
    )


def days_after_easter(today: date, days: int) -> date:
    """So many days after the next Easter Sunday."""
    this = easter(today.year)
    return (this if this > today else easter(today.year + 1)) + timedelta(days=days)
