"""A small believable address book over two accounts, stored as a sync would: what page tests and screenshots show."""

from __future__ import annotations

from integrations.records import ContactRecord, Labelled
from tests.contacts.conftest import Account, person

TOMASZ = {
    "emails": (Labelled("tomasz@wilk-drewno.example", "work"), Labelled("t.wilk@poczta.example", "home")),
    "phones": (Labelled("+48 555 010 173", "mobile"),),
    "addresses": (Labelled("ul. Bednarska 12\n80-298 Gdańsk", "work"),),
    "organization": "Wilk Drewno",
    "job_title": "Partner",
    "birthday": "--03-04",
    "notes": "Speaks Polish, German, some Norwegian.\nPrefers calls before nine.",
}
PERSONAL = (
    ("Rowan", "Achterberg", "", "Furniture maker"),
    ("Yusuf", "Aydın", "Kammerkor", "Chair"),
    ("Oksana", "Hrynko", "Kammerkor", "Alto"),
    ("Léa", "Moreau", "", "Niece"),
    ("Ελένη", "Βαρδάκη", "", ""),
    ("נועה", "לוי", "", ""),
)
WORK = (
    ("Sindre", "Bakke", "Bakke Statikk", "Engineer"),
    ("Marta", "Oliveira", "Galeria Cais", ""),
    ("Ingrid", "Solheim", "Studio Nordlys", "Architect"),
)


def fill(gmail: Account, outlook: Account) -> None:
    """Store the address book."""
    gmail.sync(
        person("tw", "Tomasz", "Wilk", group_ids=frozenset({"contactGroups/1"}), **TOMASZ), *_people(PERSONAL, "g")
    )
    gmail.sync(
        person("o", name="news@hafenbibliothek.example", given_name="", family_name="", read_only=True),
        into="otherContacts",
    )
    also = (Labelled("tomasz@wilk-drewno.example"),)
    outlook.sync(person("tw2", "Tomasz", "Wilk", emails=also, categories=("Suppliers",)), *_people(WORK, "m"))


def _people(rows: tuple[tuple[str, str, str, str], ...], prefix: str) -> list[ContactRecord]:
    return [
        person(f"{prefix}{n}", given, family, organization=work, job_title=job)
        for n, (given, family, work, job) in enumerate(rows)
    ]
