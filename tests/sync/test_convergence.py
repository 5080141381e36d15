"""Whatever happens at the providers and to OsMEN, in the end here is what is there: item by item, field by field."""

from __future__ import annotations

import time
import uuid

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from integrations.models import Budget
from tests.journey.person import Person
from tests.sync.history.history import BOTH, HERE, History
from tests.sync.history.owner import THERE

NUMBERS = st.integers(0, (1 << 16) - 1)


def machine(person: Person, casts: list[tuple[str, ...]]) -> type[RuleBasedStateMachine]:
    """Histories told by hypothesis, each of one cast: the providers of its accounts."""

    class Telling(RuleBasedStateMachine):
        @initialize(providers=st.sampled_from(casts))
        def accounts_are_connected(self, providers: tuple[str, ...]) -> None:
            self.history = History(person, f"h{uuid.uuid4().hex[:10]}", providers)

        @rule(name=st.sampled_from(THERE), number=NUMBERS)
        def something_happens_there(self, name: str, number: int) -> None:
            self.history.take(name, number)

        @rule(name=st.sampled_from(HERE), number=NUMBERS)
        def something_happens_here(self, name: str, number: int) -> None:
            self.history.take(name, number)

        def teardown(self) -> None:
            try:
                assert self.history.quiet() == [], self.history.steps
            finally:
                self.history.forget()

    return Telling


def tell(person: Person, histories: int, length: int, casts: list[tuple[str, ...]]) -> None:
    run_state_machine_as_test(
        machine(person, casts),
        settings=settings(
            max_examples=histories,
            stateful_step_count=length,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(900)
def test_thirty_short_histories_end_equal(ada: Person) -> None:
    tell(ada, histories=30, length=9, casts=[("google",), ("microsoft",), BOTH])


@pytest.mark.parametrize(("provider", "api"), [("google", "people"), ("google", "gmail"), ("microsoft", "graph")])
def test_a_history_that_used_a_quota_up_is_compared_after_it_is_back(ada: Person, provider: str, api: str) -> None:
    history = History(ada, f"busy-{api}", (provider,))
    for name in ("mail arrives", "a person is added", "a person goes", "a person is edited"):
        history.take(name, 7)
    connection, _ = history.accounts[0]
    Budget.objects.filter(key=f"{connection.pk}:{api}").update(spent=[[time.time(), 1_000_000]])
    history.sync(0)
    assert not connection.collections.exclude(last_error="").exists()
    assert history.quiet() == []


# A hundred histories each, so that they are shared out over the machine's cores.
@pytest.mark.proofs
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("cast", [BOTH, ("google", "google", "microsoft"), ("microsoft", "google", "microsoft")])
def test_hundreds_of_histories_end_equal(ada: Person, cast: tuple[str, ...]) -> None:
    tell(ada, histories=100, length=30, casts=[cast])
