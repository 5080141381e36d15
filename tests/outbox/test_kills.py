"""Killed at every point at which something can be half done: a letter is sent once, or is visibly not sent yet."""

from __future__ import annotations

from itertools import count

import pytest
from django.utils import timezone

from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.outbox import queue
from integrations.providers import letters
from integrations.records import Operation, Service
from tests.journey import engine
from tests.journey.conftest import ada, sandbox
from tests.journey.person import Person
from tests.sync.history.history import OWNERS
from tests.sync.processes import PUSH, Workers

__all__ = ["ada", "sandbox"]
GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def sent(person: Person, connection: Connection, change: Change) -> int:
    """How many letters left the account for this edit; drafts did not."""
    owner = OWNERS[connection.provider](person.sandbox, connection.email)
    name = letters.message_id(change.record())
    if connection.provider == "google":
        asked = {"q": f"rfc822msgid:{name.strip('<>')}", "labelIds": "SENT"}
        return len(owner.call("GET", "/gmail/v1/users/me/messages", **asked).get("messages", ()))
    asked = {"$filter": f"internetMessageId eq '{name}'", "$select": "id,isDraft"}
    return sum(not m["isDraft"] for m in owner.call("GET", "/v1.0/me/messages", **asked)["value"])


@BOTH
@pytest.mark.proofs
@pytest.mark.timeout(900)
def test_killed_at_any_point_a_letter_is_sent_once_or_visibly_not_yet(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    engine.push_all()
    with Workers() as workers:
        for point in count(1):
            letter: dict[str, object] = {"to": [["friend@elsewhere.example", ""]], "subject": f"{point}", "text": "Hi."}
            change = queue.enqueue(connection, Service.MAIL, Operation.MAIL_SEND, "", letter)
            died = workers.dies(PUSH, point)
            change.refresh_from_db()
            assert sent(ada, connection, change) <= 1, f"sent twice, killed at {point}"
            if change.state == ChangeState.DONE:
                assert sent(ada, connection, change) == 1, f"lost, killed at {point}"
            else:
                assert died and change.state in (ChangeState.WAITING, ChangeState.SENDING)
            # Time passes: the lease of the dead ends, and its last request has come to something.
            Connection.objects.update(push_lease=None)
            Change.objects.update(due_at=timezone.now())
            engine.push_all()
            change.refresh_from_db()
            assert change.state == ChangeState.DONE
            assert sent(ada, connection, change) == 1, f"not sent once, killed at {point}"
            if not died:
                break
    assert point > 6, "there were fewer points than there are steps"
