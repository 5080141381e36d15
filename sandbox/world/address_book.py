"""Who knows whom: the contacts of every account. Facts about a person are written once, in ``address_book.tsv``.

Birthdays and streets are as invented as the people; telephone numbers are of ranges kept free for fiction where a
country has them.
"""

from __future__ import annotations

import csv
from hashlib import sha256
from pathlib import Path

from sandbox.seeds import SeedContact
from sandbox.world.people import PARTIES
from sandbox.world.portraits import LOOKS, portrait

# Those whom only an address book knows: (name, address, group)
ACQUAINTANCES = (
    ("Selma Dahl", "selma@nordlys.example", "Studio"),
    ("Idris Okafor", "idris@nordlys.example", "Studio"),
    ("Herr Dierksen", "dierksen@speicherhaus-bremen.example", "Bremen"),
    ("Professor Maj", "maj@katedra.example", "Choir"),
    ("Signe Haug", "signe.haug@post.example", "Choir"),
    ("Åse Ødegård", "ase.odegard@post.example", "Choir"),
    ("Birk Lund", "birk.lund@post.example", "Choir"),
    ("Mme Perrin", "reservation@bouchonperrin.example", "Famille"),
    ("Marraine Odile", "odile.garnier@courriel.example", "Famille"),
    ("Rørlegger Hansen", "vakt@rorleggerhansen.example", "Hjem"),
    ("Kavya Shetty", "kavya.shetty@post.example", "Hiring"),
    ("Ζωή Αντωνίου", "zoe.antoniou@tachydromeio.example", "Friends"),
)
KNOWN = {
    "ada.g": "ada.m tomasz.g tomasz.m priya.g maman luc nora kasia choir anders board eleni marta piotr ingrid"
    " jonas greta sam yuki omar dentist library hotel meera arjun lena mateo wei",
    "ada.m": "ada.g tomasz.m tomasz.g priya.m priya.g ingrid jonas greta sam yuki omar wei hotel arjun divya"
    " nora kasia luc maman eleni lena mateo piotr anders drsen choir board library marta",
    "tomasz.g": "ada.g tomasz.m marta piotr nora kasia choir anders eleni luc lena mateo priya.g jonas board library",
    "tomasz.m": "ada.m tomasz.g priya.m ingrid jonas greta sam wei yuki omar arjun lena mateo divya hotel",
    "priya.g": "ada.g tomasz.g priya.m meera arjun divya drsen eleni nora lena mateo sam yuki ingrid greta",
    "priya.m": "ada.m tomasz.m priya.g arjun divya greta sam yuki lena mateo ingrid jonas wei omar meera",
}
_GROUPS = {
    "Famille": "maman luc",
    "Choir": "kasia choir",
    "Friends": "nora eleni",
    "Studio": "ingrid jonas",
    "Bremen": "greta",
    "Rodzina": "marta",
    "Family": "meera",
}


def contacts() -> dict[str, tuple[SeedContact, ...]]:
    """The contacts of every account, by its key. Only the hero's accounts hold the acquaintances."""
    with Path(__file__).with_name("address_book.tsv").open(encoding="utf-8", newline="") as file:
        facts = {row["key"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    book = {key: tuple(_contact(one, facts[one]) for one in known.split()) for key, known in KNOWN.items()}
    others = tuple(_acquaintance(*row) for row in ACQUAINTANCES)
    return book | {key: book[key] + others for key in ("ada.g", "ada.m")}


def _contact(key: str, facts: dict[str, str]) -> SeedContact:
    party = PARTIES[key]
    place = "work" if facts["organization"] else "home"
    second = {"ada": ("ada.g", "ada.m"), "tomasz": ("tomasz.g", "tomasz.m"), "priya": ("priya.g", "priya.m")}
    emails = [(party.email, place)]
    emails += [
        (PARTIES[other].email, "work" if other.endswith(".m") else "home")
        for other in second.get(key.partition(".")[0], ())
        if other != key
    ]
    return SeedContact(
        name=party.name,
        given_name=facts["given"],
        family_name=facts["family"],
        nickname={"tomasz.g": "Tomek", "maman": "Maman"}.get(key, ""),
        emails=tuple(emails),
        phones=((facts["phone"], "work" if place == "work" else "mobile"),) if facts["phone"] else (),
        addresses=((facts["address"], place),) if facts["address"] else (),
        organization=facts["organization"],
        job_title=facts["title"],
        birthday=facts["birthday"],
        notes=facts["notes"],
        groups=tuple(group for group, members in _GROUPS.items() if key in members.split()),
        photo=portrait(key) if key in LOOKS else b"",
    )


def _acquaintance(name: str, email: str, group: str) -> SeedContact:
    given, _, family = name.rpartition(" ")
    number = int(sha256(email.encode()).hexdigest(), 16) % 90 + 10
    return SeedContact(
        name,
        given,
        family,
        emails=((email, "other"),),
        phones=((f"+47 400 00 2{number}", "mobile"),),
        groups=(group,),
    )
