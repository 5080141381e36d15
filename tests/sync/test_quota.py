"""The quota: shared by all, never overspent, used nearly whole, and the smaller one found out."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import queries
from integrations.errors import RateLimited
from integrations.models import Budget, Collection, Connection
from integrations.sync import budget, outcome
from tests.journey import engine
from tests.journey.person import Person

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"


@pytest.mark.django_db(transaction=True)
def test_a_window_is_never_overspent_and_used_nearly_whole() -> None:
    seconds, limit, spent = 1.0, 50, []
    started = time.monotonic()
    while time.monotonic() - started < 4.0:
        units, wait = budget._reserve("test", (5, 5, 5), limit, seconds)
        if units:
            spent.append(time.monotonic())
        else:
            time.sleep(min(wait, 0.05))
    for at in spent:
        assert sum(5 for other in spent if at - seconds < other <= at) <= limit
    # The margin is half of this short window; of a minute it is less than a hundredth.
    assert len(spent) * 5 >= limit * 4.0 / (seconds + budget.MARGIN_SECONDS) * 0.8


@pytest.mark.django_db(transaction=True)
def test_what_is_more_than_the_whole_quota_goes_out_alone() -> None:
    assert budget._reserve("test", (500, 500, 5), 100, 60.0) == (500, 0.0)
    units, wait = budget._reserve("test", (1, 1, 1), 100, 60.0)
    assert not units and wait > 50


@pytest.mark.django_db(transaction=True)
def test_the_rest_of_a_window_is_used_where_fewer_calls_are_enough() -> None:
    assert budget._reserve("test", (1000, 100, 20), 1_450, 60.0) == (1000, 0.0)
    assert budget._reserve("test", (1000, 100, 20), 1_450, 60.0) == (440, 0.0)
    units, wait = budget._reserve("test", (1000, 100, 20), 1_450, 60.0)
    assert not units and wait > 50


def test_the_first_sync_stays_within_the_smaller_quota_and_spends_what_it_costs(ada: Person, settings: object) -> None:
    settings.OSMEN_GMAIL_QUOTA = "small"  # type: ignore[attr-defined]
    connection = ada.connected("google", GOOGLE)
    row = Budget.objects.get(key=f"{connection.pk}:gmail")
    messages = connection.messages.count()
    assert sum(units for _, units in row.spent) >= messages * 20
    assert connection.wait_until is None


def test_a_spent_budget_puts_its_service_off_and_nothing_else(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    spent = [[time.time(), 15_000]]
    Budget.objects.filter(key=f"{connection.pk}:gmail").update(spent=spent)
    ada.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="Patience")
    Collection.objects.update(due_at=timezone.now())
    engine.run_due()
    connection.refresh_from_db()
    mailbox = connection.collections.get(provider_id="mailbox")
    assert connection.wait_until is None and not mailbox.last_error
    assert mailbox.due_at > timezone.now() and mailbox.lease is None
    mail = queries.status_of_user(ada.user.pk)[0].services[0]
    assert mail.state == "current"
    spend = budget.spender(connection)
    with pytest.raises(RateLimited) as raised:
        spend("gmail.users.messages.get", 1)
    assert raised.value.code == budget.CODE and 40 < raised.value.retry_after < 70


def test_a_refusal_of_what_the_larger_quota_allows_shows_that_the_smaller_one_counts(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    tariffs = connection.provider_spec.tariffs["gmail"]
    assert budget.current(connection, "gmail", tariffs) is tariffs[0]
    Budget.objects.filter(key=f"{connection.pk}:gmail").update(spent=[[time.time(), 3_000]])
    mailbox = connection.collections.select_related("connection__app").get(provider_id="mailbox")
    with outcome.recorded(mailbox):
        raise RateLimited("Google asks us to slow down.", retry_after=30)
    assert budget.current(connection, "gmail", tariffs) is tariffs[-1]
    waiting = Connection.objects.get(pk=connection.pk).wait_until
    assert waiting is not None and waiting > timezone.now()


def test_a_walk_says_how_long_it_will_take(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    began = timezone.now() - timedelta(seconds=60)
    connection.collections.filter(provider_id="mailbox").update(
        phase="first", walked=100, total=400, walk_began_at=began
    )
    mail = queries.status_of_user(ada.user.pk)[0].services[0]
    assert mail.state == "first" and mail.seconds_left == pytest.approx(180, abs=5)


def test_a_quota_that_lets_a_walk_begin_quickly_is_in_the_estimate_from_the_beginning(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    Budget.objects.update_or_create(key=budget.app_key(connection, "gmail"), defaults={"tight": True})
    # The first 250 messages came in eight seconds; from now on it is 294 a minute.
    Budget.objects.filter(key=f"{connection.pk}:gmail").update(spent=[[time.time(), 250 * 20]])
    mailbox = connection.collections.filter(provider_id="mailbox")
    began = timezone.now() - timedelta(seconds=8)
    mailbox.update(phase="first", walked=250, total=3_087, walk_began_at=began)
    mail = queries.status_of_user(ada.user.pk)[0].services[0]
    assert mail.seconds_left == pytest.approx((2_837 - 44) / 294 * 60, abs=5)
    # Before there is a rate, the quota alone says it; the card does so where a person looks first.
    Budget.objects.filter(key=f"{connection.pk}:gmail").update(spent=[[time.time(), 5_900]])
    mailbox.update(walked=10, walk_began_at=timezone.now())
    page = ada.browser.get("/integrations/").content.decode()
    assert "10 of 3,087 messages, about 11 min left at Google&#x27;s limit" in page
