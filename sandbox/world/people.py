"""Who lives in the built-in world: three people with two accounts each, and everybody who writes to them.

Every address is under a reserved domain (RFC 2606), so that nothing written here can ever reach a real person. What
they write is in ``mail/``, what they do in ``events/``; which accounts exist is read from here alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver of mail; ``zone`` is where their clock stands, ``colour`` a brand's colour."""

    key: str
    name: str
    email: str
    zone: str = "Europe/Oslo"
    colour: str = "#334155"

    def address(self) -> Address:
        user, _, domain = self.email.partition("@")
        return Address(self.name, user, domain)

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the world with an account at each vendor. ``google`` and ``microsoft`` are keys of ``PARTIES``."""

    key: str
    google: str
    microsoft: str
    zone: str
    number: int


RESIDENTS = (
    Resident("ada", "ada.g", "ada.m", "Europe/Oslo", 1),
    Resident("tomasz", "tomasz.g", "tomasz.m", "Europe/Oslo", 2),
    Resident("priya", "priya.g", "priya.m", "Asia/Kolkata", 3),
)

_KOLKATA, _TOKYO, _BOSTON, _PARIS = "Asia/Kolkata", "Asia/Tokyo", "America/New_York", "Europe/Paris"

_PEOPLE = (
    Party("ada.g", "Ada Moreau", "ada.moreau@gmail.example"),
    Party("ada.m", "Ada Moreau", "ada@nordlys.example"),
    Party("tomasz.g", "Tomasz Zieliński", "tomasz.zielinski@gmail.example"),
    Party("tomasz.m", "Tomasz Zieliński", "tomasz@nordlys.example"),
    Party("priya.g", "Priya Raman", "priya.raman@gmail.example", _KOLKATA),
    Party("priya.m", "Priya Raman", "priya@lanternworks.example", _KOLKATA),
    Party("ingrid", "Ingrid Solheim", "ingrid@nordlys.example"),
    Party("jonas", "Jonas Bakke", "jonas@nordlys.example"),
    Party("studio", "Nordlys studio", "studio@nordlys.example"),
    Party("greta", "Greta Hoffmann", "hoffmann@speicherhaus-bremen.example", "Europe/Berlin"),
    Party("sam", "Sam Whitfield", "sam@whitfieldacoustics.example", _BOSTON),
    Party("yuki", "田中 由紀", "tanaka@hikari-museum.example", _TOKYO),
    Party("omar", "عمر حداد", "omar@haddad-architects.example", "Asia/Amman"),
    Party("wei", "陈伟", "chenwei@mingguang.example", "Asia/Shanghai"),
    Party("eleni", "Ελένη Παπαδοπούλου", "eleni.p@tachydromeio.example", "Europe/Athens"),
    Party("maman", "Hélène Moreau", "helene.moreau@courriel.example", _PARIS),
    Party("luc", "Luc Moreau", "luc@atelier-moreau.example", _PARIS),
    Party("nora", "Nora Berg", "nora.berg@post.example"),
    Party("kasia", "Kasia Wójcik", "kasia@fjordkoret.example"),
    Party("choir", "Fjordkoret", "alle@lister.fjordkoret.example"),
    Party("anders", "Anders Lie", "anders.lie@post.example"),
    Party("board", "Styret i Lindegata 4", "styret@lindegata4.example"),
    Party("marta", "Marta Zielińska", "marta.zielinska@poczta.example", "Europe/Warsaw"),
    Party("piotr", "Piotr Nowak", "piotr@taternik.example", "Europe/Warsaw"),
    Party("meera", "Meera Raman", "meera.raman@daak.example", _KOLKATA),
    Party("arjun", "Arjun Nair", "arjun@lanternworks.example", _KOLKATA),
    Party("divya", "Divya Iyer", "divya@lanternworks.example", _KOLKATA),
    Party("firmware", "Lanternworks firmware", "firmware@lanternworks.example", _KOLKATA),
    Party("drsen", "Dr Anjali Sen", "clinic@drsen.example", _KOLKATA),
)

_SERVICES = (
    Party("tram", "Byen Trikk", "kvittering@byentrikk.example", colour="#0f766e"),
    Party("rail", "Nordbanen", "billett@nordbanen.example", colour="#1d4ed8"),
    Party("air", "Polaris Air", "bookings@polarisair.example", colour="#7c2d12"),
    Party("parcel", "Pakkeposten", "varsel@pakkeposten.example", colour="#b91c1c"),
    Party("books", "Bokhandelen Lys", "ordre@bokhandelenlys.example", colour="#7e22ce"),
    Party("power", "Elvekraft", "faktura@elvekraft.example", colour="#ca8a04"),
    Party("bank", "Fjordbanken", "varsel@fjordbanken.example", colour="#166534"),
    Party("weekly", "Light & Place", "hello@lightandplace.example", colour="#b45309"),
    Party("pages", "The Slow Page", "letters@slowpage.example", colour="#9f1239"),
    Party("garden", "Kolonihagen", "nyhetsbrev@kolonihagen.example", colour="#3f6212"),
    Party("shop", "Fjell & Fottøy", "tilbud@fjellogfottoy.example", colour="#c2410c"),
    Party("music", "Tonearm", "news@tonearm.example", colour="#4338ca"),
    Party("coffee", "Kaffebrenneriet Havn", "klubb@kaffehavn.example", colour="#78350f"),
    Party("peaks", "Ridge Network", "notifications@ridge.example", colour="#0369a1"),
    Party("circle", "Circle", "no-reply@circle.example", colour="#be185d"),
    Party("forge", "Codeforge", "notifications@codeforge.example", colour="#111827"),
    Party("cloud", "Stratus", "billing@stratus.example", colour="#0e7490"),
    Party("stream", "Lumen Cinema", "no-reply@lumencinema.example", colour="#6d28d9"),
    Party("library", "Deichbiblioteket", "lan@deich.example", colour="#0c4a6e"),
    Party("dentist", "Tannlegene på Torget", "time@tannlegenetorget.example", colour="#0891b2"),
    Party("hotel", "Hotel Weserblick", "reservierung@weserblick.example", "Europe/Berlin", "#854d0e"),
    Party("safety", "Account team", "no-reply@accounts.example", colour="#1f2937"),
    Party("daemon", "Mail Delivery System", "mailer-daemon@mx.nordlys.example"),
    Party("metro", "Namma Ride", "receipts@nammaride.example", _KOLKATA, "#6b21a8"),
    Party("bazaar", "Haat Bazaar", "orders@haatbazaar.example", _KOLKATA, "#c2410c"),
    Party("luxury", "Global Prize Office", "winner@prize-office.example"),
    Party("pharma", "Best Watches 4U", "deals@watches4u.example"),
    Party("phish", "Fjordbanken Sikkerhet", "sikkerhet@fjordbanken-login.example"),
    Party("lists", "luminaire-dev", "luminaire-dev@lists.openlight.example"),
    Party("lena", "Lena Fischer", "lena@openlight.example", "Europe/Berlin"),
    Party("mateo", "Mateo García", "mateo@openlight.example", "Europe/Madrid"),
)

PARTIES = {party.key: party for party in _PEOPLE + _SERVICES}
ACCOUNT_KEYS = tuple(key for resident in RESIDENTS for key in (resident.google, resident.microsoft))
# What a list's address stands for: those who live here and are on it.
MEMBERS = {
    "studio": ("ada.m", "tomasz.m"),
    "choir": ("ada.g", "tomasz.g"),
    "firmware": ("priya.m",),
    "lists": ("priya.m", "tomasz.g"),
}
