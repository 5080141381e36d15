"""Work at the Nordlys studio, where Ada and Tomasz work and Priya, in Bengaluru, builds the controllers."""

from __future__ import annotations

from sandbox.world.agenda import FRIDAY, MONDAY, THURSDAY, TUESDAY, WEDNESDAY, Agenda, at, timed

MEET = "https://meet.nordlys.example/"


def write(agenda: Agenda) -> None:
    """The studio's meetings, in everybody's calendar who takes part."""
    _team(agenda)
    _projects(agenda)
    _one_to_ones(agenda)


def _team(agenda: Agenda) -> None:
    monday = agenda.meet(
        "ingrid",
        {"ada.m": "accepted", "tomasz.m": "accepted", "jonas": "accepted"},
        timed(
            "studio-week",
            "Studio week: who does what",
            agenda.weekday(MONDAY, -8),
            "09:30",
            45,
            location="Kitchen table, Lindegata 4",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO",),
            reminders=(10,),
            description="Ten minutes each. What moved, what is stuck, who needs help. Coffee is on Jonas this month.",
        ),
    )
    moved = agenda.weekday(TUESDAY, 1)
    agenda.change(monday, agenda.weekday(MONDAY, 1), **at(moved, "10:00", 45))
    agenda.change(
        monday,
        agenda.weekday(MONDAY, -1),
        title="Studio week, with the new interns",
        location="Big room",
    )
    agenda.cancel(monday, agenda.weekday(MONDAY, 3))
    daily = agenda.meet(
        "ada.m",
        {"tomasz.m": "accepted", "priya.m": "accepted", "arjun": "tentative"},
        timed(
            "controller-standup",
            "Controller stand-up",
            agenda.weekday(MONDAY, -4),
            "10:45",
            15,
            meeting_url=MEET + "controllers",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",),
            description="Fifteen minutes, standing, cameras on if the light is kind.",
        ),
    )
    agenda.cancel(daily, agenda.weekday(FRIDAY, -1))
    demo = agenda.weekday(WEDNESDAY, 1)
    agenda.change(daily, demo, **at(demo, "13:15", 30), title="Controller stand-up and demo")
    agenda.meet(
        "jonas",
        {"ada.m": "accepted", "tomasz.m": "declined", "ingrid": "accepted"},
        timed(
            "invoices",
            "Invoices and hours",
            agenda.nth(2, TUESDAY, -2),
            "14:00",
            60,
            recurrence=("RRULE:FREQ=MONTHLY;BYDAY=2TU",),
            location="Jonas's desk",
        ),
    )
    agenda.add(
        "ada.m tomasz.m",
        timed(
            "friday-light",
            "Friday light: show one thing you made",
            agenda.weekday(FRIDAY, -6),
            "15:00",
            30,
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=12",),
            location="Workshop",
            showing="tentative",
        ),
    )


def _projects(agenda: Agenda) -> None:
    review = agenda.meet(
        "ada.m",
        {"tomasz.m": "accepted", "priya.m": "accepted", "greta": "accepted", "sam": "tentative"},
        timed(
            "bremen-review",
            "Speicherhaus Bremen: design review",
            agenda.weekday(THURSDAY, -3),
            "14:00",
            60,
            "Europe/Berlin",
            recurrence=(f"RRULE:FREQ=WEEKLY;BYDAY=TH;UNTIL={agenda.weekday(THURSDAY, 7):%Y%m%d}T220000Z",),
            meeting_url=MEET + "speicherhaus",
            reminders=(15,),
            description="Agenda and minutes: https://nordlys.example/p/speicherhaus",
        ),
    )
    site = agenda.weekday(THURSDAY, 1)
    agenda.change(
        review,
        site,
        title="Speicherhaus Bremen: mock-up on site",
        location="Speicherhof 1, Bremen",
        **at(site, "11:00", 180),
    )
    agenda.meet(
        "sam",
        {"ada.m": "accepted", "tomasz.m": "none"},
        timed(
            "boston-acoustics",
            "Acoustics and light, joint drawing",
            agenda.workday(2),
            "09:00",
            60,
            "America/New_York",
            meeting_url="https://meet.whitfieldacoustics.example/nordlys",
        ),
    )
    agenda.meet(
        "yuki",
        {"ada.m": "accepted", "priya.m": "tentative"},
        timed(
            "hikari-call",
            "光の展示 打ち合わせ / Hikari Museum call",
            agenda.workday(4),
            "16:30",
            45,
            "Asia/Tokyo",
            meeting_url="https://meet.hikari-museum.example/nordlys",
            description="展示室3の照度について。Lux levels in room 3.",
        ),
    )
    agenda.meet(
        "ada.m",
        {"omar": "accepted"},
        timed(
            "fig-tree",
            "إنارة الساحة القديمة",
            agenda.workday(7),
            "11:00",
            45,
            "Asia/Amman",
            meeting_url=MEET + "amman",
        ),
    )
    agenda.meet(
        "ingrid",
        {"ada.m": "accepted", "tomasz.m": "tentative"},
        timed(
            "power-station",
            "Tour of the power station",
            agenda.workday(6),
            "12:00",
            120,
            location="Hammerfoss",
        ),
    )
    agenda.add(
        "ada.m",
        timed(
            "library-lamp",
            "Lamp 14, harbour library",
            agenda.workday(-3),
            "21:15",
            60,
            calendar="Site visits",
            location="Havnebiblioteket, Oslo",
            showing="elsewhere",
        ),
    )
    agenda.add(
        "ada.m",
        timed(
            "speicherhaus-install",
            "Speicherhaus: hanging the lamps",
            agenda.workday(18),
            "08:00",
            540,
            "Europe/Berlin",
            calendar="Site visits",
            location="Speicherhof 1, Bremen",
            recurrence=("RRULE:FREQ=DAILY;COUNT=3",),
        ),
    )
    agenda.add(
        "ada.m",
        timed(
            "measure-night",
            "Night measurement on the bridge",
            agenda.workday(3),
            "22:30",
            210,
            calendar="Site visits",
            location="Akrobaten",
            description="Twelve points, two of them windy. Over midnight, bring soup.",
        ),
    )


def _one_to_ones(agenda: Agenda) -> None:
    agenda.meet(
        "ingrid",
        {"ada.m": "accepted"},
        timed(
            "ingrid-ada",
            "Ingrid / Ada",
            agenda.weekday(WEDNESDAY, -8),
            "15:30",
            30,
            private=True,
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",),
            location="A walk to the harbour",
        ),
    )
    pair = agenda.meet(
        "ada.m",
        {"tomasz.m": "accepted"},
        timed(
            "ada-tomasz",
            "Ada / Tomasz",
            agenda.weekday(TUESDAY, -5),
            "11:30",
            30,
            recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",),
        ),
    )
    lunch = agenda.weekday(TUESDAY, 1)
    agenda.change(pair, lunch, title="Ada / Tomasz: lunch instead", **at(lunch, "12:00", 60))
