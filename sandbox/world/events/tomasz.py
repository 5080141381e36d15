"""Tomasz's own days: rock, rope, the train home to Gdańsk, and the machines of the workshop."""

from __future__ import annotations

from datetime import date

from sandbox.world.agenda import FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, WEDNESDAY, Agenda, at, timed, whole


def write(agenda: Agenda) -> None:
    """Everything in Tomasz's accounts that is his alone."""
    _rock(agenda)
    _home(agenda)
    _workshop(agenda)


def _rock(agenda: Agenda) -> None:
    wall = agenda.add(
        "tomasz.g",
        timed(
            "wall",
            "Ścianka z Piotrem",
            agenda.weekday(SATURDAY, -9),
            "10:00",
            150,
            calendar="Climbing",
            location="Klatreverket, Torshov",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=SA",),
            colour="6",
        ),
    )
    agenda.cancel(wall, agenda.weekday(SATURDAY, 2))
    agenda.change(wall, agenda.weekday(SATURDAY, 1), **at(agenda.weekday(SUNDAY, 1), "10:00", 150))
    agenda.add(
        "tomasz.g",
        timed(
            "fingers",
            "Finger training",
            agenda.weekday(WEDNESDAY, -3),
            "07:00",
            30,
            calendar="Climbing",
            recurrence=(
                f"RRULE:FREQ=WEEKLY;BYDAY=WE,FR;UNTIL={agenda.day(60):%Y%m%d}T215959Z",
                f"EXDATE;TZID=Europe/Oslo:{agenda.weekday(FRIDAY, 1):%Y%m%d}T070000",
            ),
        ),
    )
    agenda.add("tomasz.g", whole("flatanger", "Flatanger", agenda.weekday(THURSDAY, 30), 5, calendar="Climbing"))


def _home(agenda: Agenda) -> None:
    year = agenda.today.year
    agenda.add(
        "tomasz.g",
        whole(
            "zosia",
            "Urodziny Zosi",
            date(year - 2, 9, 10),
            zone="Europe/Warsaw",
            recurrence=("RRULE:FREQ=YEARLY",),
            showing="free",
        ),
    )
    agenda.add(
        "tomasz.g",
        whole("gdansk", "Święta w Gdańsku", date(year, 12, 22), 9, zone="Europe/Warsaw", showing="out_of_office"),
    )
    agenda.add(
        "tomasz.g",
        timed(
            "marta",
            "Telefon do Marty",
            agenda.weekday(SUNDAY, -6),
            "19:00",
            30,
            "Europe/Warsaw",
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",),
        ),
    )
    agenda.add(
        "tomasz.g",
        timed("film", "The Keeper's Daughter, hall 2", agenda.weekday(SATURDAY), "19:00", 125, location="Lumen"),
    )
    agenda.add("tomasz.g", timed("soup", "Zupa, gar na trzy dni", agenda.today, "17:30", 60))
    agenda.add(
        "tomasz.g",
        timed("flat", "Visit the flat on the third floor", agenda.day(1), "17:00", 30, location="Lindegata 4"),
    )
    agenda.add(
        "tomasz.g",
        timed(
            "norwegian",
            "Norskkurs B2",
            agenda.weekday(MONDAY, -7),
            "18:00",
            120,
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=16",),
            location="Folkeuniversitetet",
        ),
    )


def _workshop(agenda: Agenda) -> None:
    agenda.add(
        "tomasz.m",
        timed(
            "drill-service",
            "Service: bench drill",
            agenda.nth(1, THURSDAY, -2),
            "08:00",
            60,
            calendar="Workshop machines",
            recurrence=("RRULE:FREQ=MONTHLY;BYDAY=1TH",),
            showing="free",
        ),
    )
    agenda.add(
        "tomasz.m", timed("laser", "Laser cutter booked", agenda.workday(2), "12:00", 180, calendar="Workshop machines")
    )
    agenda.add(
        "tomasz.m",
        timed("lenses", "Glue lenses, do not disturb", agenda.workday(1), "13:00", 120, showing="busy", private=True),
    )
    agenda.add(
        "tomasz.m",
        timed(
            "wei-call",
            "样品 / samples with Mr Chen",
            agenda.workday(5),
            "15:00",
            30,
            "Asia/Shanghai",
            meeting_url="https://meet.mingguang.example/oslo",
        ),
    )
    agenda.add("tomasz.m", whole("fire-drill", "Fire drill some time today", agenda.workday(8), showing="free"))
