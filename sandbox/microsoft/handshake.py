"""The handshake that a subscription begins with, alone or inside a $batch; without it there is no subscription.

"Receive change notifications through webhooks": each new address must answer. Making the request is left to whoever
puts a ``Shake`` into the scope of the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.microsoft import errors
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError
from sandbox.microsoft.router import Router, segments
from sandbox.push import queue

Shake = Callable[[str], Awaitable[bool]]
SCOPE = "sandbox.shake"
_REFUSAL = (
    "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request."
)


async def answer(router: Router, call: Call, shake: Shake | None) -> Answer:
    """What a call gets. A subscription, or its new address, that does not shake hands is undone and refused."""
    wanted = [part.lower() for part in segments(call.path)]
    opens = (call.method, wanted) == ("POST", ["subscriptions"])
    moves = call.method == "PATCH" and len(wanted) == 2 and wanted[0] == "subscriptions"
    sql = "SELECT url, expires FROM graph_subscription WHERE id = ?"
    before = call.store.row(sql, wanted[1]) if moves else None
    given = router.answer(call)
    if shake is None or not (opens or moves) or given.status not in (200, 201):
        return given
    assert isinstance(given.body, dict)
    made: dict[str, Any] = given.body
    addresses = [made["notificationUrl"], made["lifecycleNotificationUrl"]] if opens else [made["notificationUrl"]]
    for address in dict.fromkeys(addresses):
        if address and (before is None or address != before["url"]) and not await shake(address):
            _undo(call, made["id"], before)
            error = GraphError(400, "ValidationError", _REFUSAL)
            return Answer(400, errors.body(error, call.store.now(), call.headers.get("client-request-id", "")))
    if opens and call.immutable:
        queue.move(call.store, f"immutable/{made['id']}", 1)
    return given


def _undo(call: Call, number: str, before: Any) -> None:
    with call.store.write() as db:
        if before is None:
            db.execute("DELETE FROM graph_subscription WHERE id = ?", (number,))
        else:
            change = "UPDATE graph_subscription SET url = ?, expires = ? WHERE id = ?"
            db.execute(change, (before["url"], before["expires"], number))
