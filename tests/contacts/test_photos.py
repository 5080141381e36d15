"""Photos from the provider to the page: asked for when looked at, fetched once, renewed, and gone with their people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts import photos, pictures
from contacts.models import Contact
from contacts.models.contact import PhotoState
from integrations import disconnect
from integrations.models import Connection
from integrations.models.connection import State
from integrations.records import Service
from integrations.vault import tokens
from sandbox.world.portraits import portrait
from tests.contacts.test_journey import BOTH, GOOGLE, MICROSOFT, ada, ben, connected, sandbox
from tests.journey import engine
from tests.journey.person import Person
from tests.providers.set_photo import set_photo

__all__ = ["ada", "ben", "sandbox"]


@pytest.fixture(autouse=True)
def kept(settings: Any, tmp_path: Path) -> Path:
    """The home's files, of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


def named(connection: Connection, name: str) -> Contact:
    return Contact.objects.get(connection=connection, name=name)


def fetch_wanted() -> int:
    """The worker: how many photos were waiting."""
    ids = list(Contact.objects.filter(photo_state=PhotoState.WANTED).values_list("pk", flat=True))
    for pk in ids:
        photos.fetch(pk)
    return len(ids)


def look(person: Person, contact: Contact) -> str:
    """What a page asks when somebody looks at a circle, and once more when the worker has been there."""
    asked = person.browser.post(f"/people/{contact.pk}/photo/")
    assert asked.status_code == 200
    fetch_wanted()
    return str(person.browser.get(f"/people/{contact.pk}/photo/").content.decode())


def source(html: str) -> str:
    found = re.search(r'<img src="([^"]+)" alt="" loading="lazy"', html)
    return found[1] if found else ""


def files_of(kept: Path) -> list[Path]:
    return [path for path in kept.rglob("*") if path.is_file()]


class Asked:
    """Counts what the vendors were asked for in this test."""

    def __init__(self, person: Person) -> None:
        self._person, self._before = person, 0
        self._before = self.count()

    def count(self) -> int:
        calls = self._person.sandbox.calls()
        return sum("photo" in call["path"] for call in calls) - self._before


@pytest.fixture
def asked(ada: Person) -> Asked:
    return Asked(ada)


@BOTH
def test_a_photo_is_fetched_once_when_somebody_looks(
    ada: Person, asked: Asked, kept: Path, provider: str, account: str
) -> None:
    nora = named(connected(ada, provider, account), "Nora Berg")
    page = ada.browser.get(f"/people/{nora.pk}/").content.decode()
    assert ">NB<span hx-post=" in page and not source(page) and not asked.count()
    assert "hx-get" in ada.browser.post(f"/people/{nora.pk}/photo/").content.decode()
    address = source(look(ada, nora))
    answer = ada.browser.get(address)
    assert b"".join(answer) == portrait("nora")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Cache-Control"].startswith("private") and "default-src 'none'" in answer["Content-Security-Policy"]
    for path in ("/people/", f"/people/{nora.pk}/"):
        assert f'src="{address}"' in ada.browser.get(path).content.decode()
    before = asked.count()
    assert source(look(ada, nora)) == address and asked.count() == before == 1
    (file,) = files_of(kept)
    assert file.parent.stat().st_mode & 0o077 == 0 and file.stat().st_mode & 0o077 == 0


@BOTH
def test_who_has_none_keeps_the_initials(ada: Person, asked: Asked, provider: str, account: str) -> None:
    jonas = named(connected(ada, provider, account), "Jonas Bakke")
    assert look(ada, jonas).strip() == look(ada, jonas).strip() == "JB"
    # Google says it with the record, Outlook when it is asked.
    assert asked.count() == (0 if provider == "google" else 1)
    assert re.search(r"avatar-56[^>]*>JB\s*</span>", ada.browser.get(f"/people/{jonas.pk}/").content.decode())


@BOTH
def test_another_photo_takes_the_place_of_the_old_one(ada: Person, kept: Path, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    nora = named(connection, "Nora Berg")
    old = source(look(ada, nora))
    there(connection, nora, portrait("greta"))
    engine.sync_everything()
    page = ada.browser.get(f"/people/{nora.pk}/").content.decode()
    assert f'src="{old}"' in page and "/photo/" in page.replace(old, "")
    new = source(look(ada, nora))
    assert new != old and b"".join(ada.browser.get(new)) == portrait("greta")
    assert ada.browser.get(old).status_code == 404 and len(files_of(kept)) == 1


@BOTH
def test_what_is_no_picture_is_not_shown(ada: Person, kept: Path, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    nora = named(connection, "Nora Berg")
    there(connection, nora, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    engine.sync_everything()
    assert look(ada, nora).strip() == "NB" and files_of(kept) == []


@BOTH
def test_a_provider_that_is_away_is_asked_again_later(
    ada: Person, provider: str, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nora = named(connected(ada, provider, account), "Nora Berg")
    service = "people" if provider == "google" else "graph"
    ada.sandbox.drill("server-errors", service=service, count=1)
    assert look(ada, nora).strip() == "NB"
    assert look(ada, nora).strip() == "NB" and not fetch_wanted()
    monkeypatch.setattr(photos, "AGAIN", photos.AGAIN * 0)
    assert source(look(ada, nora))


@BOTH
def test_disconnecting_and_deleting_remove_the_files(ada: Person, kept: Path, provider: str, account: str) -> None:
    connection = connected(ada, provider, account)
    for name in ("Nora Berg", "Greta Hoffmann", "Kasia Wójcik"):
        assert source(look(ada, named(connection, name)))
    assert len(files_of(kept)) == 3
    named(connection, "Nora Berg").delete()
    assert len(files_of(kept)) == 2
    late = named(connection, "Greta Hoffmann")
    Contact.objects.filter(pk=late.pk).update(photo_asked="", photo_digest="")
    ada.browser.post(f"/people/{late.pk}/photo/")
    disconnect.request_disconnect(connection)
    assert ada.browser.get(f"/people/{late.pk}/photo/").status_code == 404
    engine.finish_disconnects()
    assert not Connection.objects.exists() and files_of(kept) == [] and fetch_wanted() == 0


def test_a_person_in_two_address_books_has_the_photo_of_the_one_that_has_it(ada: Person) -> None:
    google, outlook = connected(ada, "google", GOOGLE), connected(ada, "microsoft", MICROSOFT)
    without, has = named(outlook, "Jonas Bakke"), named(google, "Jonas Bakke")
    there(google, has, portrait("omar"))
    engine.sync_everything()
    address = next(filter(None, (source(look(ada, without)) for _ in range(3))))
    assert address.startswith(f"/people/{has.pk}/photo/")
    for path in ("/people/", f"/people/{without.pk}/", f"/people/{has.pk}/"):
        assert f'src="{address}"' in ada.browser.get(path).content.decode()


def test_a_photo_that_comes_too_late_is_not_kept(ada: Person, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nora = named(connected(ada, "google", GOOGLE), "Nora Berg")
    ada.browser.post(f"/people/{nora.pk}/photo/")

    def gone_meanwhile(contact: Contact) -> bytes:
        Contact.objects.all().delete()
        return portrait("nora")

    monkeypatch.setattr(photos, "_content", gone_meanwhile)
    assert fetch_wanted() == 1 and files_of(kept) == []


def test_photos_are_their_owners_alone(ada: Person, ben: Person) -> None:
    nora = named(connected(ada, "google", GOOGLE), "Nora Berg")
    address = source(look(ada, nora))
    state = Contact.objects.filter(pk=nora.pk).values()[0]
    for path in (address, f"/people/{nora.pk}/photo/"):
        assert ben.browser.get(path).status_code == 404
    assert ben.browser.post(f"/people/{nora.pk}/photo/").status_code == 404
    assert Contact.objects.filter(pk=nora.pk).values()[0] == state
    ada.browser.logout()
    assert ada.browser.get(address).status_code == 302
    assert ada.browser.post(f"/people/{nora.pk}/photo/").status_code == 302


def test_a_file_that_is_lost_is_fetched_again(ada: Person, kept: Path) -> None:
    nora = named(connected(ada, "google", GOOGLE), "Nora Berg")
    address = source(look(ada, nora))
    files_of(kept)[0].unlink()
    assert ada.browser.get(address).status_code == 404
    assert source(look(ada, nora)) == address and ada.browser.get(address).status_code == 200


def test_an_account_that_rests_is_not_asked(ada: Person, asked: Asked) -> None:
    connection = connected(ada, "google", GOOGLE)
    Connection.objects.update(state=State.PAUSED)
    assert look(ada, named(connection, "Nora Berg")).strip() == "NB" and not asked.count()


def test_pages_ask_the_database_as_often_with_photos_as_without(ada: Person) -> None:
    connection = connected(ada, "google", GOOGLE)
    nora = named(connection, "Nora Berg")

    def cost(path: str) -> int:
        ada.browser.get(path)
        with CaptureQueriesContext(database) as queries:
            assert ada.browser.get(path).status_code == 200
        return len(queries)

    paths = ("/people/", f"/people/{nora.pk}/")
    before = [cost(path) for path in paths]
    for name in ("Nora Berg", "Greta Hoffmann", "Kasia Wójcik"):
        look(ada, named(connection, name))
    assert [cost(path) for path in paths] == before


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "image/png"),
        (b"\xff\xd8\xff\xe0....JFIF", "image/jpeg"),
        (b"GIF89a......", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"\x89PNG", ""),
        (b"<svg/>", ""),
        (b"<!DOCTYPE html>", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert pictures.kind(content) == pictures.kind(content[: pictures.HEAD]) == kind


def there(connection: Connection, contact: Contact, content: bytes) -> None:
    """Give somebody another photo at the provider."""
    session = tokens.session(connection, tokens.Purpose.ASK, Service.CONTACTS)
    set_photo(connection.provider_spec, session, contact.provider_id, content)
