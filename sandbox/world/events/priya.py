"""Priya's own days in Bengaluru: family, health, and the releases of Lanternworks."""

from __future__ import annotations

from datetime import date

from sandbox.world.agenda import FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, TUESDAY, Agenda, at, timed, whole

ZONE = "Asia/Kolkata"


def write(agenda: Agenda) -> None:
    """Everything in Priya's accounts that Oslo does not share."""
    agenda = agenda.seen_from(ZONE)
    _family(agenda)
    _work(agenda)
    _releases(agenda)


def _family(agenda: Agenda) -> None:
    year = agenda.today.year
    for key, name, month, day in (("amma", "अम्मा का जन्मदिन", 1, 19), ("meera", "मीरा का जन्मदिन", 8, 4)):
        agenda.add(
            "priya.g",
            whole(
                f"birthday-{key}",
                name,
                date(year - 1, month, day),
                zone=ZONE,
                calendar="Family",
                recurrence=("RRULE:FREQ=YEARLY",),
                showing="free",
            ),
        )
    agenda.add(
        "priya.g",
        timed(
            "amma-call",
            "Call Amma",
            agenda.weekday(SUNDAY, -9),
            "11:00",
            60,
            ZONE,
            calendar="Family",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=SU",),
        ),
    )
    veena = agenda.add(
        "priya.g",
        timed(
            "veena",
            "Veena lesson",
            agenda.weekday(SATURDAY, -8),
            "16:00",
            60,
            ZONE,
            location="Malleshwaram",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=SA",),
        ),
    )
    agenda.change(veena, agenda.weekday(SATURDAY, 1), **at(agenda.weekday(SATURDAY, 1), "18:00", 60))
    agenda.add(
        "priya.g",
        timed("eyes", "Eye check, Dr Sen", agenda.weekday(SATURDAY), "10:30", 30, ZONE, private=True, reminders=(60,)),
    )
    agenda.add(
        "priya.g",
        timed(
            "swim",
            "Swim",
            agenda.day(-40),
            "06:30",
            45,
            ZONE,
            recurrence=("RRULE:FREQ=DAILY;INTERVAL=2",),
            showing="free",
        ),
    )
    agenda.add("priya.g", timed("dosa", "Dosa with Divya", agenda.today, "20:00", 75, ZONE, location="Vidyarthi"))
    agenda.add("priya.g", timed("seeds", "Seed market", agenda.day(1), "08:00", 120, ZONE))
    agenda.add("priya.g", whole("trek", "Kodachadri trek", agenda.weekday(SATURDAY, 5), 2, zone=ZONE))
    agenda.add(
        "priya.g",
        timed(
            "night-train",
            "Night train to Mysuru",
            agenda.weekday(FRIDAY, 3),
            "23:15",
            165,
            ZONE,
            location="KSR Bengaluru",
        ),
    )


def _work(agenda: Agenda) -> None:
    agenda.meet(
        "divya",
        {"priya.m": "accepted", "arjun": "accepted"},
        timed(
            "kavya-interview",
            "Systems interview with Kavya",
            agenda.weekday(THURSDAY),
            "15:00",
            60,
            ZONE,
            location="Banyan room",
        ),
    )
    agenda.meet(
        "priya.m",
        {"arjun": "accepted"},
        timed(
            "priya-arjun",
            "Priya / Arjun",
            agenda.weekday(MONDAY, -6),
            "16:00",
            30,
            ZONE,
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",),
        ),
    )
    agenda.add("priya.m", timed("notes", "Half a page about my year", agenda.day(1), "10:00", 60, ZONE))
    agenda.add("priya.m", timed("bench", "Heat chamber, channel 5", agenda.today, "11:00", 90, ZONE))
    agenda.meet(
        "arjun",
        {"priya.m": "tentative", "divya": "none"},
        timed(
            "all-hands",
            "All hands, with samosas",
            agenda.nth(-1, FRIDAY, -2),
            "17:00",
            45,
            ZONE,
            recurrence=("RRULE:FREQ=MONTHLY;BYDAY=-1FR",),
        ),
    )
    agenda.meet(
        "divya",
        {"priya.m": "declined"},
        timed("fire-warden", "Fire warden training", agenda.workday(3), "14:00", 60, ZONE),
    )


def _releases(agenda: Agenda) -> None:
    train = agenda.add(
        "priya.m",
        timed(
            "release-train",
            "Firmware release",
            agenda.weekday(THURSDAY, -8),
            "18:00",
            60,
            ZONE,
            calendar="Releases",
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=14",),
        ),
    )
    agenda.change(train, agenda.weekday(THURSDAY), title="Firmware release 2.8.1")
    agenda.add(
        "priya.m",
        whole("freeze", "Code freeze", agenda.weekday(TUESDAY), 2, zone=ZONE, calendar="Releases", showing="free"),
    )
    agenda.add(
        "priya.m",
        timed(
            "bremen-firmware",
            "Bremen stair: flash on site by video",
            agenda.weekday(THURSDAY, 1),
            "10:00",
            60,
            "Europe/Oslo",
            calendar="Releases",
        ),
    )
