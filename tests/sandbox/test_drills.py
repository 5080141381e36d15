"""Drills over HTTP: what each makes the vendors do. Whether OsMEN recovers is tried in ``tests/drills``."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
import requests

from sandbox.control.catalogue import DRILLS, GROUPS
from tests.sandbox.conftest import Sandbox
from tests.sandbox.listener import listening
from tests.sandbox.test_push_gmail import PUSHER, SUBSCRIPTION, TOPIC

ADA, BO = "ada@gmail.example", "bo@outlook.example"
EMAIL = {"google": ADA, "microsoft": BO}
INBOX = {"google": "/gmail/v1/users/me/messages", "microsoft": "/v1.0/me/messages"}
SERVICE = {"google": "gmail", "microsoft": "graph"}
VENDORS = tuple(EMAIL)


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    accounts = [{"provider": provider, "email": email, "name": "Ada Byron"} for provider, email in EMAIL.items()]
    sandbox.seed(accounts=[*accounts, {"provider": "google", "email": "eva@gmail.example"}])
    return sandbox


def test_every_drill_says_what_osmen_should_do(world: Sandbox) -> None:
    listed = {one["name"]: one for one in world.get("/_sandbox/drills").json()}
    assert listed.keys() == DRILLS.keys()
    for one in listed.values():
        assert one["does"].endswith(".") and one["expect"].startswith("OsMEN ") and one["expect"].endswith(".")
        assert one["group"] in GROUPS and one["title"]
    page = world.get("/_sandbox/").text
    assert all(f'action="/_sandbox/drills/{name}"' in page for name in DRILLS)


def test_a_form_leads_back_to_the_page(world: Sandbox) -> None:
    form = {"account": f"google {ADA}", "subject": "By form", "count": "2"}
    answer = world.post("/_sandbox/drills/add-mail", data=form)
    assert answer.url.startswith(f"{world.base}/_sandbox/?") and "Done: Add mail" in answer.text
    assert world.state(ADA)["messages"] == 2
    named = world.post("/_sandbox/drills/change-at-provider", data={"account": f"google {ADA}"})
    assert "(“By form 2”)" in named.text
    wrong = world.post("/_sandbox/drills/move-meeting", data={"account": f"google {ADA}"})
    assert 'role="alert"' in wrong.text and "no meeting" in wrong.text
    away = {"Origin": "https://elsewhere.example"}
    assert world.post("/_sandbox/drills/add-mail", data=form, headers=away).status_code == 403


@pytest.mark.parametrize("provider", VENDORS)
def test_an_invitation_is_mail_and_event(world: Sandbox, provider: str) -> None:
    world.drill("send-invitation", provider=provider, email=EMAIL[provider], subject="Tea")
    state = world.state(EMAIL[provider])
    assert (state["messages"], state["events"]) == (1, 1)
    [message] = world.get("/_sandbox/messages", params={"provider": provider, "account": EMAIL[provider]}).json()
    assert message["subject"] == "Invitation: Tea"


def _own_meeting(world: Sandbox, provider: str) -> None:
    when = {"start": "2026-12-20T10:00:00", "end": "2026-12-20T11:00:00"}
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 * 2))
    when = {name: f"{soon}T{value[11:]}" for name, value in when.items()}
    event = {"provider": provider, "email": EMAIL[provider], "uid": "m@x", "title": "Meeting", **when}
    world.seed(events=[event])


@pytest.mark.parametrize("provider", VENDORS)
def test_a_meeting_moves(world: Sandbox, provider: str) -> None:
    _own_meeting(world, provider)
    assert world.drill("move-meeting", provider=provider, email=EMAIL[provider], minutes=30) == {"what": "Meeting"}
    session = world.authorized(provider, EMAIL[provider])
    if provider == "google":
        [event] = session.get(f"{world.base}/calendar/v3/calendars/primary/events").json()["items"]
    else:
        [event] = session.get(f"{world.base}/v1.0/me/events").json()["value"]
    assert "T10:30:00" in event["start"]["dateTime"]
    assert all(token["revoked"] for token in world.get("/_sandbox/tokens").json() if token["value"][:6] == "drill.")


@pytest.mark.parametrize("provider", VENDORS)
def test_things_change_and_go_at_the_provider(world: Sandbox, provider: str) -> None:
    who = {"provider": provider, "email": EMAIL[provider]}
    _own_meeting(world, provider)
    world.seed(contacts=[{**who, "name": "Eva Ek"}])
    world.drill("add-mail", **who, subject="A <letter>")
    assert world.drill("change-at-provider", **who)["what"] == "A <letter>"
    for what, title in {"message": "A <letter>", "meeting": "Meeting", "contact": "Eva Ek"}.items():
        assert world.drill("delete-at-provider", **who, what=what) == {"deleted": what, "what": title}
    state = world.state(EMAIL[provider])
    assert (state["events"], state["contacts"]) == (0, 0)
    [message] = world.get("/_sandbox/messages", params={"provider": provider, "account": who["email"]}).json()
    assert "TRASH" in message.get("labels", ["TRASH"]) and message.get("folder", "deleteditems") == "deleteditems"


@pytest.mark.parametrize("provider", VENDORS)
def test_faults_may_concern_one_account(world: Sandbox, provider: str) -> None:
    api = world.authorized(provider, EMAIL[provider])
    world.drill("server-errors", service=SERVICE[provider], count=1, email="somebody@else.example")
    assert api.get(world.base + INBOX[provider]).status_code == 200
    world.drill("server-errors", service=SERVICE[provider], count=1, email=EMAIL[provider])
    assert [api.get(world.base + INBOX[provider]).status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("provider", VENDORS)
def test_answers_are_cut_and_drip(world: Sandbox, provider: str) -> None:
    api = world.authorized(provider, EMAIL[provider])
    world.drill("truncate-answers", service=SERVICE[provider], count=1)
    cut = api.get(world.base + INBOX[provider])
    assert cut.status_code == 200
    with pytest.raises(ValueError):
        cut.json()
    world.drill("slow-drip", service=SERVICE[provider], ms=400)
    began = time.monotonic()
    assert api.get(world.base + INBOX[provider]).json() is not None
    assert time.monotonic() - began > 0.2
    world.drill("end-faults")
    assert api.get(world.base + INBOX[provider]).elapsed.total_seconds() < 0.2


def _listed_during(world: Sandbox, drill: str, **options: int) -> list[dict[str, Any]]:
    """What Graph lists of an inbox with one letter while a drill goes on."""
    api = world.authorized("microsoft", BO)
    world.drill("add-mail", provider="microsoft", email=BO)
    world.drill(drill, **options)
    listed: list[dict[str, Any]] = api.get(world.base + INBOX["microsoft"]).json()["value"]
    return listed


def test_a_list_replays_what_it_told(world: Sandbox) -> None:
    first, second = _listed_during(world, "replay", count=1)
    assert first == second


def test_graph_answers_hold_unknown_properties(world: Sandbox) -> None:
    [item] = _listed_during(world, "unknown-properties", seconds=60)
    assert "x7qNovelty" in item


def test_enumerations_come_back_in_pascal_case(world: Sandbox) -> None:
    [item] = _listed_during(world, "pascal-case", seconds=60)
    assert item["importance"] == "Normal"


def test_a_message_vanishes_between_list_and_get(world: Sandbox) -> None:
    api = world.authorized("google", ADA)
    world.drill("add-mail", provider="google", email=ADA)
    [message] = api.get(world.base + INBOX["google"]).json()["messages"]
    world.drill("vanish-messages", count=1)
    assert api.get(f"{world.base}{INBOX['google']}/{message['id']}").status_code == 404
    assert world.state(ADA)["messages"] == 0


def test_a_batch_has_answers_of_200_404_and_429(world: Sandbox) -> None:
    api = world.authorized("google", ADA)
    world.drill("batch-refusals", count=1)
    calls = [f"{INBOX['google']}/{'0' * 16}", INBOX["google"], INBOX["google"]]
    parts = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <{n}>\r\n\r\nGET {path}\r\n\r\n"
        for n, path in enumerate(calls)
    )
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    # The refusal comes first: it is the first part that finds one due.
    answer = api.post(f"{world.base}/batch/gmail/v1", data=parts + "--b--", headers=headers)
    assert [line.split()[1] for line in answer.text.splitlines() if line.startswith("HTTP/1.1")] == [
        "429",
        "200",
        "200",
    ]
    answer = api.post(f"{world.base}/batch/gmail/v1", data=parts + "--b--", headers=headers)
    assert [line.split()[1] for line in answer.text.splitlines() if line.startswith("HTTP/1.1")] == [
        "404",
        "200",
        "200",
    ]


@pytest.mark.parametrize(("status", "located"), [("410", True), ("404", False), ("400", False)])
def test_a_lost_sync_state_has_several_answers(world: Sandbox, status: str, located: bool) -> None:
    api = world.authorized("microsoft", BO)
    link = api.get(f"{world.base}/v1.0/me/mailFolders/inbox/messages/delta").json()["@odata.deltaLink"]
    world.drill("expire-cursors", graph_status=status)
    lost = api.get(link)
    assert (lost.status_code, lost.json()["error"]["code"]) == (int(status), "syncStateNotFound")
    assert ("Location" in lost.headers) == located


def test_a_merged_contact_tells_its_former_name(world: Sandbox) -> None:
    who = {"provider": "google", "email": ADA}
    world.seed(contacts=[{**who, "name": name} for name in ("Eva Ek", "Eva E.")])
    done = world.drill("merge-contacts", **who)
    assert done["what"] == "Eva Ek and Eva E."
    api = world.authorized("google", ADA)
    query = {"personFields": "names,metadata"}
    [person] = api.get(f"{world.base}/v1/people/me/connections", params=query).json()["connections"]
    assert person["metadata"]["previousResourceNames"] == [done["gone"]] and person["resourceName"] == done["kept"]


@pytest.mark.parametrize("reason", ["admin_policy_enforced", "org_internal"])
def test_an_administrator_refuses_on_the_page(world: Sandbox, reason: str) -> None:
    world.drill("refuse-consent", reason=reason)
    page = world.ask("google", login_hint=ADA)
    assert page.status_code == (403 if reason == "org_internal" else 400) and reason in page.text
    assert world.connect("google", ADA)["access_token"]


def test_testing_mode_ends_grants_on_demand(world: Sandbox) -> None:
    body = world.connect("google", ADA)
    assert world.drill("testing-expiry", provider="google", email=ADA)["ended"] >= 1
    assert world.refresh("google", body["refresh_token"]).json()["error"] == "invalid_grant"


def test_quotas_count_on_demand(world: Sandbox) -> None:
    world.drill("quota-table", table="new")
    assert {one["quota"] for one in world.get("/_sandbox/clients").json()} == {"new"}
    world.drill("end-faults")
    assert {one["quota"] for one in world.get("/_sandbox/clients").json()} == {"off"}


def _watched(world: Sandbox, base: str) -> requests.Session:
    call = {"topic": TOPIC, "subscription": SUBSCRIPTION, "push_endpoint": f"{base}/gmail", "service_account": PUSHER}
    assert world.post("/_sandbox/pubsub", json=call).status_code == 200
    api = world.authorized("google", ADA)
    assert api.post(f"{world.base}/gmail/v1/users/me/watch", json={"topicName": TOPIC}).status_code == 200
    return api


def test_a_notification_is_lost(world: Sandbox) -> None:
    with listening() as listener:
        _watched(world, listener.base)
        world.drill("push-drop", count=1)
        world.drill("add-mail", provider="google", email=ADA)
        assert listener.stays(0, 1.2)
        world.drill("add-mail", provider="google", email=ADA)
        listener.wait(1)


def test_a_push_comes_twice(world: Sandbox) -> None:
    with listening() as listener:
        _watched(world, listener.base)
        world.drill("push-duplicate", count=1)
        world.drill("add-mail", provider="google", email=ADA)
        first, second = listener.wait(2)
        assert first.body == second.body


def test_a_push_comes_late(world: Sandbox) -> None:
    with listening() as listener:
        _watched(world, listener.base)
        world.drill("push-delay", ms=700)
        before = time.monotonic()
        world.drill("add-mail", provider="google", email=ADA)
        assert listener.wait(1)[0].at - before > 0.6


@pytest.mark.parametrize("wrong", ["audience", "email", "expired", "key"])
def test_a_push_is_forged(world: Sandbox, wrong: str) -> None:
    with listening() as listener:
        _watched(world, listener.base)
        assert world.drill("forge-push", provider="google", email=ADA, wrong=wrong) == {"sent": 1}
        token = listener.wait(1)[0].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    keys = {one["kid"] for one in world.get("/google/oauth2/v3/certs").json()["keys"]}
    found = {
        "audience": claims["aud"] != f"{listener.base}/gmail",
        "email": claims["email"] != PUSHER,
        "expired": claims["exp"] < time.time(),
        "key": jwt.get_unverified_header(token)["kid"] not in keys,
    }
    assert [name for name, so in found.items() if so] == [wrong]


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
def test_a_subscription_tells_its_fate(world: Sandbox, event: str) -> None:
    with listening() as listener:
        api = world.authorized("microsoft", BO)
        body: dict[str, Any] = {
            "changeType": "created",
            "notificationUrl": f"{listener.base}/graph",
            "lifecycleNotificationUrl": f"{listener.base}/lifecycle",
            "resource": "me/messages",
            "expirationDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400)),
            "clientState": "secret",
        }
        assert api.post(f"{world.base}/v1.0/subscriptions", json=body).status_code == 201
        assert world.drill("lifecycle-event", provider="microsoft", email=BO, event=event) == {"told": 1}
        [told] = listener.wait(1)
        [item] = json.loads(told.body)["value"]
        assert (told.path, item["lifecycleEvent"], item["clientState"]) == ("/lifecycle", event, "secret")
        left = api.get(f"{world.base}/v1.0/subscriptions").json()["value"]
        assert len(left) == (0 if event == "subscriptionRemoved" else 1)
        forged = world.drill("forge-push", provider="microsoft", email=BO)["sent"]
        assert forged == len(left)
