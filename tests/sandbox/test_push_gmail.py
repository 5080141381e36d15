"""Gmail's notifications: signed pushes to an endpoint, and a subscription that is pulled with a service account."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from tests.sandbox.conftest import Sandbox
from tests.sandbox.listener import Listener, listening

ADA = "ada@gmail.example"
TOPIC, SUBSCRIPTION = "projects/osmen/topics/mail", "projects/osmen/subscriptions/mail"
PUSHER, READER = "pusher@osmen.iam.gserviceaccount.com", "reader@osmen.iam.gserviceaccount.com"
PUBSUB = "https://www.googleapis.com/auth/pubsub"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def watched(sandbox: Sandbox, listener: Listener) -> requests.Session:
    """Ada's mailbox, watched, with a signed push subscription."""
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    subscribe(sandbox, push_endpoint=f"{listener.base}/gmail", service_account=PUSHER)
    return watch(sandbox)


def subscribe(sandbox: Sandbox, **fields: Any) -> None:
    call = {"topic": TOPIC, "subscription": SUBSCRIPTION} | fields
    answer = sandbox.post("/_sandbox/pubsub", json=call)
    assert answer.status_code == 200, answer.text


def watch(sandbox: Sandbox, **fields: Any) -> requests.Session:
    session = sandbox.authorized("google", ADA)
    answer = session.post(f"{sandbox.base}/gmail/v1/users/me/watch", json={"topicName": TOPIC} | fields)
    assert answer.status_code == 200, answer.text
    return session


def mail(sandbox: Sandbox) -> None:
    sandbox.drill("add-mail", provider="google", email=ADA)


def said(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(json.loads(body)["message"]["data"]))
    return found


def test_a_change_is_pushed_with_a_signed_token(
    sandbox: Sandbox, listener: Listener, watched: requests.Session
) -> None:
    mail(sandbox)
    [told] = listener.wait(1)
    profile = watched.get(f"{sandbox.base}/gmail/v1/users/me/profile").json()
    assert said(told.body) == {"emailAddress": ADA, "historyId": int(profile["historyId"])}
    assert json.loads(told.body)["subscription"] == SUBSCRIPTION
    token = told.headers["authorization"].removeprefix("Bearer ")
    certs = jwt.PyJWKSet.from_dict(sandbox.get("/google/oauth2/v3/certs").json())
    key = certs[jwt.get_unverified_header(token)["kid"]].key
    claims = jwt.decode(token, key, ["RS256"], audience=f"{listener.base}/gmail", issuer="https://accounts.google.com")
    assert (claims["email"], claims["email_verified"]) == (PUSHER, True)


def test_the_audience_of_pushes_can_be_chosen(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    subscribe(sandbox, push_endpoint=f"{listener.base}/gmail", service_account=PUSHER, audience="osmen")
    watch(sandbox)
    mail(sandbox)
    token = listener.wait(1)[0].headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "osmen"


def test_what_is_not_acknowledged_comes_again(sandbox: Sandbox, listener: Listener, watched: requests.Session) -> None:
    listener.statuses = [500, 503]
    mail(sandbox)
    first, second, third = listener.wait(3)
    assert first.body == second.body == third.body
    assert listener.stays(3)


def test_more_than_one_notification_a_second_is_dropped(
    sandbox: Sandbox, listener: Listener, watched: requests.Session
) -> None:
    mail(sandbox)
    listener.wait(1)
    mail(sandbox)
    assert listener.stays(1)
    time.sleep(0.3)
    mail(sandbox)
    assert said(listener.wait(2)[1].body)["historyId"] > said(listener.told[0].body)["historyId"]


def test_a_watch_may_care_for_some_labels_only(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    subscribe(sandbox, push_endpoint=f"{listener.base}/gmail")
    session = watch(sandbox, labelIds=["STARRED"], labelFilterBehavior="include")
    mail(sandbox)
    assert listener.stays(0)
    [message] = session.get(f"{sandbox.base}/gmail/v1/users/me/messages").json()["messages"]
    session.post(f"{sandbox.base}/gmail/v1/users/me/messages/{message['id']}/modify", json={"addLabelIds": ["STARRED"]})
    listener.wait(1)
    assert "authorization" not in listener.told[0].headers


def test_a_watch_ends_after_a_week_and_by_stop(sandbox: Sandbox, listener: Listener, watched: requests.Session) -> None:
    assert watched.post(f"{sandbox.base}/gmail/v1/users/me/stop").status_code == 204
    mail(sandbox)
    assert listener.stays(0)
    session = watch(sandbox)
    sandbox.drill("advance-clock", seconds=8 * 86_400)
    mail(sandbox)
    assert listener.stays(0)
    assert session.get(f"{sandbox.base}/gmail/v1/users/me/profile").status_code == 401  # the token aged, too


@pytest.fixture
def reader(sandbox: Sandbox) -> requests.Session:
    """A session of a service account that may read subscriptions, its token fetched by Google's own library."""
    info = sandbox.post("/_sandbox/service-accounts", json={"email": READER}).json()
    credentials = service_account.Credentials.from_service_account_info(info, scopes=[PUBSUB])  # type: ignore[no-untyped-call]
    credentials.refresh(Request())
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {credentials.token}"
    return session


def test_a_subscription_can_be_pulled(sandbox: Sandbox, reader: requests.Session) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    at = f"{sandbox.base}/v1/{SUBSCRIPTION}"
    assert reader.put(f"{sandbox.base}/v1/{TOPIC}").json() == {"name": TOPIC}
    assert reader.put(at, json={"topic": TOPIC}).json()["state"] == "ACTIVE"
    watch(sandbox)
    mail(sandbox)
    received: list[Any] = []
    while not received:
        received = reader.post(f"{at}:pull", json={"maxMessages": 10}).json().get("receivedMessages", [])
    [one] = received
    assert json.loads(base64.urlsafe_b64decode(one["message"]["data"]))["emailAddress"] == ADA
    assert reader.post(f"{at}:pull", json={"maxMessages": 10}).json() == {}  # hidden until the deadline
    sandbox.drill("advance-clock", seconds=11)
    [again] = reader.post(f"{at}:pull", json={"maxMessages": 10}).json()["receivedMessages"]
    assert again["message"] == one["message"] and again["ackId"] != one["ackId"]
    assert reader.post(f"{at}:acknowledge", json={"ackIds": [again["ackId"]]}).json() == {}
    sandbox.drill("advance-clock", seconds=11)
    assert reader.post(f"{at}:pull", json={"maxMessages": 10}).json() == {}


def test_pubsub_is_for_service_accounts(sandbox: Sandbox, reader: requests.Session) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    at = f"{sandbox.base}/v1/{SUBSCRIPTION}:pull"
    assert requests.post(at, json={}, timeout=5).status_code == 401
    assert sandbox.authorized("google", ADA).post(at, json={}).status_code == 403
    assert reader.post(at, json={"maxMessages": 1}).status_code == 404
    assert reader.get(f"{sandbox.base}/gmail/v1/users/me/profile").status_code == 401  # it has no mailbox


def test_a_key_of_another_account_gets_no_token(sandbox: Sandbox) -> None:
    info = sandbox.post("/_sandbox/service-accounts", json={"email": READER}).json()
    sandbox.post("/_sandbox/service-accounts", json={"email": READER})  # a new key: the old one is worth nothing
    now = int(time.time())
    claims = {"iss": READER, "scope": PUBSUB, "aud": info["token_uri"], "iat": now, "exp": now + 600}
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    signed = jwt.encode(claims, info["private_key"], "RS256")
    answer = sandbox.post("/google/token", data=form | {"assertion": signed})
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid JWT Signature.")


def test_nothing_is_pushed_to_other_machines(sandbox: Sandbox) -> None:
    call = {"topic": TOPIC, "subscription": SUBSCRIPTION, "push_endpoint": "https://osmen.example/push"}
    assert sandbox.post("/_sandbox/pubsub", json=call).status_code == 400


def test_a_watch_needs_a_topic_that_gmail_may_publish_to(sandbox: Sandbox) -> None:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    session, at = sandbox.authorized("google", ADA), f"{sandbox.base}/gmail/v1/users/me/watch"

    def refused(topic: str) -> tuple[int, str]:
        answer = session.post(at, json={"topicName": topic})
        return answer.status_code, answer.json()["error"]["errors"][0]["reason"]

    assert refused("mail") == refused("projects/osmen/topics/") == (400, "invalidArgument")
    assert refused(TOPIC) == (404, "notFound")
    subscribe(sandbox, publisher=False)
    assert refused(TOPIC) == (403, "forbidden")
    assert "User not authorized" in session.post(at, json={"topicName": TOPIC}).json()["error"]["message"]
    subscribe(sandbox)
    assert session.post(at, json={"topicName": TOPIC}).status_code == 200
