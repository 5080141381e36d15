"""The mail of the built-in world: how much there is, that it parses, hangs together and is the same every time."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from sandbox.seeds import SeedAccount, SeedMessage
from sandbox.world import world

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def accounts() -> list[SeedAccount]:
    return world(NOW)


@pytest.fixture(scope="module")
def parsed(accounts: list[SeedAccount]) -> list[tuple[SeedAccount, SeedMessage, EmailMessage]]:
    return [
        (account, message, message_from_bytes(message.raw, policy=default))
        for account in accounts
        for message in account.messages
    ]


def test_three_people_have_an_account_at_each_vendor(accounts: list[SeedAccount]) -> None:
    assert len(accounts) == 6
    assert Counter(account.name for account in accounts) == {"Ada Moreau": 2, "Tomasz Zieliński": 2, "Priya Raman": 2}
    assert Counter(account.provider for account in accounts) == {"google": 3, "microsoft": 3}
    assert len({account.subject for account in accounts}) == 6
    assert all(bool(account.tenant) == (account.provider == "microsoft") for account in accounts)


def test_there_is_enough_mail_and_half_of_it_is_the_hero_s(accounts: list[SeedAccount]) -> None:
    sizes = [len(account.messages) for account in accounts]
    assert sum(sizes) >= 280
    assert sum(sizes[:2]) >= 0.4 * sum(sizes)


def test_the_world_is_the_same_for_the_same_moment(accounts: list[SeedAccount]) -> None:
    assert world(NOW) == accounts


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
def test_nothing_comes_from_the_future(hour: int) -> None:
    now = NOW.replace(hour=hour)
    ages = [now - message.received for account in world(now) for message in account.messages]
    assert min(ages) >= timedelta()
    assert min(ages) < timedelta(hours=1)
    assert sum(age < timedelta(days=14) for age in ages) > len(ages) / 2
    assert max(ages) > timedelta(days=300)


def test_every_message_parses_without_a_defect(parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]]) -> None:
    for _, _, mail in parsed:
        assert not [defect for part in mail.walk() for defect in part.defects], mail["Subject"]
        assert mail["Message-ID"] and mail["Date"] and mail["From"] and mail["Subject"]
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                assert "\ufffd" not in part.get_content()


def test_every_address_is_under_a_reserved_domain(parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]]) -> None:
    for _, _, mail in parsed:
        for name in ("From", "To", "Cc"):
            header = cast(AddressHeader | None, mail[name])
            assert all(address.domain.endswith(".example") for address in (header.addresses if header else ()))


def test_answers_name_what_they_answer(parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]]) -> None:
    ids = {mail["Message-ID"] for _, _, mail in parsed}
    answers = [mail for _, _, mail in parsed if mail["In-Reply-To"]]
    assert len(answers) > 100
    for mail in answers:
        assert mail["In-Reply-To"] in ids
        assert mail["References"].split()[-1] == mail["In-Reply-To"]


def test_threads_run_up_to_nine_messages(parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]]) -> None:
    roots = Counter(
        (account.email, (mail["References"] or mail["Message-ID"]).split()[0]) for account, _, mail in parsed
    )
    assert max(roots.values()) == 9


def test_the_same_message_lies_in_several_accounts(
    parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]],
) -> None:
    holders = Counter(mail["Message-ID"] for _, _, mail in parsed)
    assert sum(count > 1 for count in holders.values()) > 50


def test_every_image_that_is_referred_to_is_there(
    parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]],
) -> None:
    found = 0
    for _, _, mail in parsed:
        cids = {str(part["Content-ID"]).strip("<>") for part in mail.walk() if part["Content-ID"]}
        html = mail.get_body(("html",))
        wanted = set(re.findall(r'src="cid:([^"]+)"', html.get_content())) if html else set()
        assert wanted <= cids
        found += len(wanted)
    assert found >= 5


def test_the_mail_has_what_mail_has(parsed: list[tuple[SeedAccount, SeedMessage, EmailMessage]]) -> None:
    parts = [part for _, _, mail in parsed for part in mail.walk()]
    charsets = {part.get_content_charset() for part in parts}
    assert {"utf-8", "iso-8859-1", "iso-8859-2"} <= charsets
    assert {"base64", "quoted-printable"} <= {str(part["Content-Transfer-Encoding"]) for part in parts}
    kinds = {part.get_content_type() for part in parts}
    assert {"text/html", "application/pdf", "image/png", "text/csv", "application/zip", "text/calendar"} <= kinds
    assert "multipart/report" in kinds
    assert any(part.get_param("format") == "flowed" for part in parts)
    assert {part.get_param("method") for part in parts if part.get_content_type() == "text/calendar"} >= {"REQUEST"}
    assert any(mail["List-Unsubscribe"] for _, _, mail in parsed)
    text = " ".join(str(mail["Subject"]) for _, _, mail in parsed)
    for script in (r"[\u4e00-\u9fff]", r"[\u0600-\u06ff]", r"[\u0370-\u03ff]", r"[\u0900-\u097f]"):
        assert re.search(script, text)


def test_boxes_labels_and_stars(accounts: list[SeedAccount]) -> None:
    messages = [message for account in accounts for message in account.messages]
    assert {message.box for message in messages} == {"inbox", "sent", "drafts", "archive", "trash", "spam"}
    assert {message.category for message in messages} == {"", "promotions", "social", "updates", "forums"}
    unread = sum(message.unread for message in messages) / len(messages)
    assert 0.05 < unread < 0.3
    assert any(message.starred for message in messages) and any(message.important for message in messages)
    for account in accounts:
        assert {label for message in account.messages for label in message.labels} <= set(account.labels)
        assert account.labels
