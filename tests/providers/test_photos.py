"""Photos of people, by the contract, at both vendors: bytes where there are some, ``NotFound`` where there are none."""

from __future__ import annotations

import base64

import pytest

from integrations.errors import NotFound, PermanentFailure
from integrations.providers.abilities import Portrays
from integrations.providers.google import photos
from integrations.records import ContactRecord
from sandbox.world.portraits import portrait
from tests.providers.address_book import ADA, account, client, everybody, pages, update
from tests.providers.sandbox_process import Connected, SandboxProcess
from tests.providers.set_photo import set_photo

NORA, GRETA = portrait("nora"), portrait("greta")
BOTH = pytest.mark.parametrize("provider", ["google", "microsoft"])
MOST = 100_000


def with_photo(sandbox: SandboxProcess, provider: str) -> Connected:
    return account(sandbox, provider, {**ADA, "photo": base64.b64encode(NORA).decode()})


def photo(of: Connected, record: ContactRecord, most: int = MOST) -> bytes:
    portrays = client(of)
    assert isinstance(portrays, Portrays)
    return portrays.photo(record.id, record.photo_key, most)


@BOTH
def test_a_photo_comes_whole(sandbox: SandboxProcess, provider: str) -> None:
    of = with_photo(sandbox, provider)
    (ada,) = everybody(of)
    assert ada.photo_key and photo(of, ada) == NORA


@BOTH
def test_who_has_none_says_so(sandbox: SandboxProcess, provider: str) -> None:
    of = account(sandbox, provider, ADA)
    (ada,) = everybody(of)
    if not ada.photo_key:
        return  # said with the record already
    with pytest.raises(NotFound):
        photo(of, ada)


@BOTH
def test_another_photo_has_another_key(sandbox: SandboxProcess, provider: str) -> None:
    of = with_photo(sandbox, provider)
    (page,) = pages(of)
    (ada,) = page.changed
    set_photo(of.provider, of.session, ada.id, GRETA)
    changed = [record for page in pages(of, page.cursor) for record in page.changed]
    assert [record.id for record in changed] == [ada.id]
    assert changed[0].photo_key != ada.photo_key and photo(of, changed[0]) == GRETA


@BOTH
def test_a_photo_that_is_too_large_is_refused(sandbox: SandboxProcess, provider: str) -> None:
    of = with_photo(sandbox, provider)
    (ada,) = everybody(of)
    with pytest.raises(PermanentFailure):
        photo(of, ada, most=100)


@BOTH
def test_a_photo_of_somebody_who_was_edited_still_comes(sandbox: SandboxProcess, provider: str) -> None:
    of = with_photo(sandbox, provider)
    (ada,) = everybody(of)
    assert photo(of, update(of, ada, job_title="Smith and poet")) == NORA


@pytest.mark.parametrize(
    "address",
    [
        "http://lh3.googleusercontent.com/a",
        "https://lh3.googleusercontent.com:8443/a",
        "https://lh3.googleusercontent.com.evil.example/a",
        "https://evilgoogleusercontent.com/a",
        "https://lh3.googleusercontent.com@127.0.0.1/a",
        "https://127.0.0.1/a",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:1/a",
        "file:///etc/passwd",
        "https://[::1",
        "",
    ],
)
def test_a_picture_is_taken_from_googles_hosts_only(address: str) -> None:
    with pytest.raises(PermanentFailure) as refused:
        photos.fetch(address, "http://127.0.0.1:2/people/", MOST)
    assert refused.value.code == "foreign_link"


def test_the_address_of_a_picture_gets_no_token(sandbox: SandboxProcess) -> None:
    of = with_photo(sandbox, "google")
    (ada,) = everybody(of)
    sandbox.drill("expire-access-tokens", provider="google", email=of.email)
    assert photo(of, ada) == NORA
