"""Mail between the sandbox's accounts: what one sends arrives at the others, at both vendors."""

from __future__ import annotations

import pytest

from sandbox import accounts, letters
from sandbox.post import post
from tests.sandbox.conftest import Sandbox

ADA, BEN, CAT = "ada@gmail.example", "ben@outlook.example", "cat@gmail.example"


@pytest.fixture
def town(sandbox: Sandbox) -> Sandbox:
    where = {ADA: "google", BEN: "microsoft", CAT: "google"}
    sandbox.seed(accounts=[{"provider": provider, "email": email} for email, provider in where.items()])
    return sandbox


def test_mail_reaches_everyone_it_names_once(town: Sandbox) -> None:
    assert town.store is not None
    sender = accounts.by_email(town.store, "google", ADA)
    assert sender is not None
    raw = letters.write("Supper", ADA, BEN, "At eight?", town.store.now())
    post(town.store, sender, raw, [f"Ben <{BEN.upper()}>", BEN, "nobody@example.org"])
    assert [town.state(email)["messages"] for email in (ADA, BEN, CAT)] == [0, 1, 0]
    post(town.store, sender, raw, [ADA, CAT])
    assert [town.state(email)["messages"] for email in (ADA, BEN, CAT)] == [1, 1, 1]
