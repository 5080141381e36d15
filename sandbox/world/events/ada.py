"""Ada's own days: family in Lyon, the choir, the house in Lindegata, friends; and her public holidays."""

from __future__ import annotations

from datetime import date

from dateutil.easter import easter

from sandbox.world.agenda import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Agenda,
    at,
    timed,
    whole,
)
from sandbox.world.calendar_days import days_after_easter, norwegian_holidays


def write(agenda: Agenda) -> None:
    """Everything in Ada's Google account that she does without her colleagues."""
    _family(agenda)
    _choir(agenda)
    _home(agenda)
    _friends(agenda)
    for number, (name, day) in enumerate(norwegian_holidays(agenda.today)):
        agenda.add(
            "ada.g",
            whole(
                f"holiday-{day:%Y%m%d}-{number}",
                name,
                day,
                calendar="Helligdager i Norge",
                showing="free",
            ),
        )


def _family(agenda: Agenda) -> None:
    year = agenda.today.year
    for key, name, month, day in (
        ("maman", "Anniversaire de maman", 3, 21),
        ("papa", "Anniversaire de papa", 9, 30),
        ("marraine", "Anniversaire de marraine", 6, 12),
    ):
        agenda.add(
            "ada.g",
            whole(
                f"birthday-{key}",
                name,
                date(year - 1, month, day),
                zone="Europe/Paris",
                calendar="Family",
                recurrence=("RRULE:FREQ=YEARLY",),
                showing="free",
                colour="11",
            ),
        )
    sunday = agenda.add(
        "ada.g",
        timed(
            "call-maman",
            "Appeler maman",
            agenda.weekday(SUNDAY, -10),
            "18:00",
            45,
            "Europe/Paris",
            calendar="Family",
            recurrence=(
                "RRULE:FREQ=WEEKLY;BYDAY=SU",
                f"EXDATE;TZID=Europe/Paris:{agenda.weekday(SUNDAY, -2):%Y%m%d}T180000",
            ),
        ),
    )
    agenda.change(
        sunday, agenda.weekday(SUNDAY, 1), title="Appeler maman (et papa)", **at(agenda.weekday(SUNDAY, 1), "20:00", 45)
    )
    lyon = agenda.weekday(SATURDAY, 1)
    agenda.add(
        "ada.g", timed("flight-out", "PA 417 Oslo → Lyon", lyon, "11:40", 155, location="OSL", reminders=(180, 60))
    )
    agenda.meet(
        "maman",
        {"ada.g": "accepted", "luc": "tentative"},
        timed(
            "luc-dinner",
            "Chez Mme Perrin, pour Luc",
            agenda.weekday(SUNDAY, 1),
            "12:30",
            180,
            "Europe/Paris",
            location="Bouchon Perrin, quai Saint-Vincent, Lyon",
            calendar="Family",
        ),
    )
    agenda.add(
        "ada.g",
        timed(
            "flight-back", "PA 418 Lyon → Oslo", agenda.weekday(MONDAY, 2), "15:05", 155, "Europe/Paris", location="LYS"
        ),
    )
    agenda.add(
        "ada.g", whole("holiday-naxos", "Naxos!", days_after_easter(agenda.today, 7), 6, showing="out_of_office")
    )


def _choir(agenda: Agenda) -> None:
    rehearsal = agenda.add(
        "ada.g tomasz.g",
        timed(
            "choir",
            "Fjordkoret: rehearsal",
            agenda.weekday(TUESDAY, -12),
            "18:30",
            150,
            location="Jakob kirke, Oslo",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=TU",),
            colour="10",
            description="Bring the green folder. And water.",
        ),
    )
    agenda.cancel(rehearsal, agenda.weekday(TUESDAY, 2))
    agenda.change(rehearsal, agenda.weekday(TUESDAY, -1), title="Fjordkoret: rehearsal with Professor Maj on video")
    agenda.add(
        "ada.g",
        timed(
            "altos",
            "Alto section",
            agenda.weekday(THURSDAY, -2),
            "17:30",
            60,
            calendar="Choir",
            location="At Kasia's",
            recurrence=(
                f"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;UNTIL={agenda.day(80):%Y%m%d}T215959Z",
                f"RDATE;TZID=Europe/Oslo:{agenda.weekday(WEDNESDAY, 2):%Y%m%d}T173000",
            ),
        ),
    )
    agenda.add(
        "ada.g",
        timed(
            "concert",
            "Concert: four voices and a cello",
            agenda.weekday(SATURDAY, 4),
            "19:00",
            120,
            calendar="Choir",
            location="Jakob kirke, Oslo",
            colour="5",
            reminders=(1440, 120),
        ),
    )
    agenda.add("ada.g tomasz.g", whole("krakow", "Fjordkoret in Kraków", agenda.weekday(THURSDAY, 24), 4))


def _home(agenda: Agenda) -> None:
    agenda.add(
        "ada.g",
        timed("bread", "Feed the sourdough", agenda.day(-60), "07:30", 15, recurrence=("RRULE:FREQ=DAILY;INTERVAL=3",)),
    )
    agenda.add(
        "ada.g",
        timed(
            "run",
            "Run along the fjord",
            agenda.weekday(MONDAY, -6),
            "06:45",
            45,
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=40",),
            colour="2",
            showing="free",
        ),
    )
    agenda.add(
        "ada.g",
        timed(
            "dentist",
            "Tannlege",
            agenda.weekday(THURSDAY, 1),
            "08:15",
            30,
            private=True,
            location="Tannlegene på Torget",
            reminders=(1440, 45),
        ),
    )
    agenda.add(
        "ada.g", timed("yard", "Dugnad i bakgården", agenda.weekday(SATURDAY), "11:00", 180, location="Lindegata 4")
    )
    agenda.add(
        "ada.g",
        whole(
            "rent",
            "Husleie",
            agenda.today.replace(day=1),
            recurrence=("RRULE:FREQ=MONTHLY;BYMONTHDAY=1",),
            showing="free",
        ),
    )
    agenda.add(
        "ada.g",
        whole(
            "bins",
            "Papir og plast",
            agenda.weekday(FRIDAY, -4),
            showing="free",
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=FR",),
        ),
    )
    agenda.add("ada.g", timed("library-books", "Return two books to Deichman", agenda.day(5), "17:00", 30))
    agenda.add(
        "ada.g",
        timed(
            "piano",
            "Say hello to the piano",
            agenda.workday(1),
            "18:00",
            45,
            location="Toftes gate 20",
            showing="tentative",
        ),
    )


def _friends(agenda: Agenda) -> None:
    agenda.add(
        "ada.g", timed("coffee-today", "Coffee with Nora", agenda.today, "16:30", 60, location="Kaffebrenneriet Havn")
    )
    agenda.add(
        "ada.g",
        timed(
            "market",
            "Market with Eleni on video",
            agenda.day(1),
            "12:30",
            60,
            "Europe/Athens",
            meeting_url="https://meet.circle.example/ada-eleni",
        ),
    )
    agenda.add(
        "ada.g tomasz.g",
        timed("cabin", "Cabin, second weekend", agenda.weekday(FRIDAY, 2), "16:10", 2990, location="Nordmarka"),
    )
    agenda.meet(
        "nora",
        {"ada.g": "accepted", "tomasz.g": "none"},
        timed(
            "nora-birthday-dinner",
            "Bursdagsmiddag hos Nora",
            agenda.weekday(SATURDAY, 3),
            "19:00",
            300,
            location="Hos Nora",
            description="Ingen gaver, bare historier.",
        ),
    )
    agenda.add(
        "ada.g",
        timed(
            "book-club",
            "Book club: the mountain",
            agenda.nth(-1, WEDNESDAY, -3),
            "19:30",
            120,
            recurrence=("RRULE:FREQ=MONTHLY;BYDAY=-1WE",),
        ),
    )
    agenda.add(
        "ada.g tomasz.g",
        timed("szymanowski", "Szymanowski, row 9", agenda.workday(-17), "19:30", 130, location="Konserthuset"),
    )
    agenda.add(
        "ada.g", whole("easter-brunch", "Påskefrokost", easter(agenda.today.year), calendar="Family", showing="free")
    )
    agenda.add("ada.g", timed("new-year", "New Year on the roof", date(agenda.today.year, 12, 31), "22:00", 270))
