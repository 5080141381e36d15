"""What happens in the built-in world, by theme. Each theme writes into an ``Agenda``; all are written around today."""

from __future__ import annotations

from sandbox.world.agenda import Agenda
from sandbox.world.events import ada, near, priya, studio, tomasz

THEMES = (studio.write, near.write, ada.write, tomasz.write, priya.write)


def write(agenda: Agenda) -> None:
    """Everything that happens, in every account's calendars."""
    for theme in THEMES:
        theme(agenda)
