"""What is close in everybody's work: today and tomorrow whatever the weekday, and the days away from the studio."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sandbox.seeds import Reply
from sandbox.world.agenda import FRIDAY, MONDAY, TUESDAY, WEDNESDAY, Agenda, timed, whole
from sandbox.world.events.studio import MEET


def write(agenda: Agenda) -> None:
    """The hours around now, and the journeys."""
    _around_today(agenda)
    _away(agenda)


def _around_today(agenda: Agenda) -> None:
    """Something today and tomorrow whatever the weekday, and one meeting that is about to start."""
    soon = agenda.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if soon - agenda.now < timedelta(minutes=15):
        soon += timedelta(minutes=30)
    start = soon.replace(tzinfo=None)
    guests: dict[str, Reply] = {"tomasz.m": "accepted", "priya.m": "accepted", "ada.g": "accepted"}
    agenda.meet(
        "ada.m",
        guests,
        replace(
            timed("dimmer-check", "Dimmer curves: a quick look together", agenda.today, "00:00", 30, "UTC"),
            start=start,
            end=start + timedelta(minutes=30),
            meeting_url=MEET + "dimmer",
            reminders=(5,),
            description="Priya has new curves. Bring the photos from Tuesday.",
        ),
    )
    agenda.add("ada.m", timed("prize-draft", "Write the last paragraph", agenda.today, "13:30", 60, showing="busy"))
    agenda.add("ada.m", timed("read-offer", "Read Greta's offer, position 14", agenda.day(1), "09:00", 45))
    agenda.add("ada.m", timed("minutes", "Minutes, while they are warm", agenda.workday(-1), "16:00", 30))
    agenda.add(
        "tomasz.m", timed("bench-two", "Bench two: heat run", agenda.today, "14:00", 120, calendar="Workshop machines")
    )
    agenda.add("tomasz.m", timed("slides", "Slides, no excuses", agenda.day(1), "08:30", 90, private=True))


def _away(agenda: Agenda) -> None:
    agenda.add(
        "ada.m tomasz.m",
        whole(
            "nordic-light-days",
            "Nordic Light Days, Bergen",
            agenda.weekday(TUESDAY, 2),
            3,
            location="Grieghallen, Bergen",
            showing="out_of_office",
            description="Tomasz speaks on Wednesday at 11.",
        ),
    )
    talk = agenda.weekday(WEDNESDAY, 2)
    agenda.add(
        "tomasz.m ada.m", timed("bergen-talk", "Talk: light you do not notice", talk, "11:00", 45, location="Hall B")
    )
    agenda.add(
        "ada.m tomasz.m", timed("bergen-train", "Train Oslo S – Bergen", agenda.weekday(MONDAY, 2), "08:25", 397)
    )
    agenda.add("ada.m", whole("bremen-trip", "Bremen", agenda.weekday(WEDNESDAY, 1), 3, showing="out_of_office"))
    agenda.add("ada.m", whole("home-office", "Working from Lyon", agenda.weekday(FRIDAY, 3), showing="elsewhere"))
    agenda.meet(
        "jonas",
        {"ada.m": "tentative", "tomasz.m": "accepted", "ingrid": "declined"},
        timed(
            "auditor",
            "Auditor visits, please look tidy",
            agenda.workday(12),
            "10:00",
            90,
        ),
    )
    agenda.meet(
        "ingrid",
        {"ada.m": "declined", "tomasz.m": "accepted"},
        timed(
            "archive-day",
            "Archive day (only the outside)",
            agenda.workday(9),
            "13:00",
            120,
            showing="tentative",
        ),
    )
    agenda.add("ada.m tomasz.m", timed("summer-party", "Studio party by the water", agenda.workday(-140), "17:00", 300))
