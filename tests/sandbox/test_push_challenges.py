"""Graph's challenges: a subscription goes by the access token it was made with, and its app has to say it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from sandbox.microsoft import clock
from sandbox.oauth import tokens
from sandbox.push import challenges
from tests.sandbox.conftest import Sandbox
from tests.sandbox.listener import Listener, listening
from tests.sandbox.test_push_graph import BO, items, subscribe


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


def subscribed(sandbox: Sandbox, listener: Listener) -> tuple[requests.Session, str]:
    """An app's session and the address of its subscription."""
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
    api = sandbox.authorized("microsoft", BO)
    made = subscribe(sandbox, api, listener, lifecycleNotificationUrl=f"{listener.base}/fate")
    assert made.status_code == 201
    return api, f"{sandbox.base}/v1.0/subscriptions/{made.json()['id']}"


def token(session: requests.Session) -> str:
    return str(session.headers["Authorization"]).removeprefix("Bearer ")


def ages(sandbox: Sandbox, session: requests.Session, left: timedelta) -> None:
    """Let a session's token live so long from now."""
    assert sandbox.store is not None
    tokens.extend(sandbox.store, token(session), left)


def is_challenged(listener: Listener, number: int) -> None:
    told = listener.wait(number)[-1]
    [item] = items(told.body)
    assert (told.path, item["lifecycleEvent"], item["clientState"]) == ("/fate", "reauthorizationRequired", "secret")


def test_an_app_is_challenged_before_its_access_ends(sandbox: Sandbox, listener: Listener) -> None:
    api, at = subscribed(sandbox, listener)
    ages(sandbox, api, challenges.AHEAD + timedelta(minutes=5))
    assert listener.stays(0)
    ages(sandbox, api, challenges.AHEAD - timedelta(minutes=1))
    is_challenged(listener, 1)
    assert listener.stays(1)
    later = sandbox.authorized("microsoft", BO)
    assert later.post(f"{at}/reauthorize").status_code == 204
    sandbox.drill("advance-clock", seconds=16 * 60)
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    assert items(listener.wait(2)[1].body)[0]["changeType"] == "created"


def test_without_an_answer_it_is_challenged_again_and_then_told_nothing(sandbox: Sandbox, listener: Listener) -> None:
    api, at = subscribed(sandbox, listener)
    ages(sandbox, api, timedelta(minutes=10))
    is_challenged(listener, 1)
    sandbox.drill("advance-clock", seconds=16 * 60)
    is_challenged(listener, 2)
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    assert items(listener.wait(3)[2].body)[0]["changeType"] == "created"  # the flow goes on for a while
    sandbox.drill("advance-clock", seconds=16 * 60)
    is_challenged(listener, 4)
    sandbox.drill("add-mail", provider="microsoft", email=BO, subject="Lost")
    assert listener.stays(4)
    later = sandbox.authorized("microsoft", BO)
    until = {"expirationDateTime": later.get(at).json()["expirationDateTime"]}
    assert later.patch(at, json=until).status_code == 200
    sandbox.drill("add-mail", provider="microsoft", email=BO, subject="Told")
    [told] = items(listener.wait(5)[4].body)
    prefer = {"Prefer": 'IdType="ImmutableId"'}
    named = later.get(f"{sandbox.base}/v1.0/me/messages/{told['resourceData']['id']}", headers=prefer)
    assert named.json()["subject"] == "Told" and listener.stays(5)


def test_a_revoked_grant_is_a_challenge_and_the_end_of_the_flow(sandbox: Sandbox, listener: Listener) -> None:
    subscribed(sandbox, listener)
    sandbox.drill("revoke-grant", provider="microsoft", email=BO)
    is_challenged(listener, 1)
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    assert listener.stays(1)


def test_a_permission_that_is_taken_away_is_a_challenge_that_cannot_be_met(
    sandbox: Sandbox, listener: Listener
) -> None:
    api, at = subscribed(sandbox, listener)
    sandbox.drill("take-permission", provider="microsoft", email=BO, service="calendar")
    assert listener.stays(0)  # messages are not what was taken
    sandbox.drill("take-permission", provider="microsoft", email=BO, service="mail")
    is_challenged(listener, 1)
    assert api.post(f"{at}/reauthorize").status_code == 403
    assert api.patch(at, json={"expirationDateTime": "2099-01-01T00:00:00Z"}).status_code == 403


def test_notifications_that_were_given_up_are_told_to_be_missed(sandbox: Sandbox, listener: Listener) -> None:
    api, _ = subscribed(sandbox, listener)
    ages(sandbox, api, timedelta(days=1))
    listener.statuses = [503] * 1000
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    listener.wait(1)
    sandbox.drill("advance-clock", seconds=4 * 3600)
    listener.wait(len(listener.told) + 1)
    listener.statuses = []
    [item] = items(listener.wait(len(listener.told) + 1)[-1].body)
    assert item["lifecycleEvent"] == "missed" and item["clientState"] == "secret"
    assert listener.stays(len(listener.told))


def test_a_subscription_that_ends_soon_is_a_challenge(sandbox: Sandbox, listener: Listener) -> None:
    api, at = subscribed(sandbox, listener)
    assert sandbox.store is not None
    soon = sandbox.store.now() + timedelta(minutes=10)
    with sandbox.store.write() as db:
        db.execute("UPDATE graph_subscription SET expires = ?", (clock.instant(soon),))
    is_challenged(listener, 1)
    assert api.get(at).status_code == 200
