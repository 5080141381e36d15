"""The control API: what tests and tools ask of the sandbox itself. Loopback only; the names are settled interfaces."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from sandbox.control import board, drills, index, messaging, portable, registry, state, supply
from sandbox.loopback import guarded


def routes() -> list[BaseRoute]:
    """The index page and everything under ``/_sandbox/``."""
    return [
        Route("/", index.index),
        Route("/_sandbox/", guarded(board.board)),
        Route("/_sandbox/state", guarded(state.state)),
        Route("/_sandbox/messages", guarded(state.messages)),
        Route("/_sandbox/tokens", guarded(state.issued)),
        Route("/_sandbox/calls", guarded(state.calls)),
        Route("/_sandbox/left-out", guarded(state.left_out)),
        Route("/_sandbox/violations", guarded(state.violations), methods=["GET", "DELETE"]),
        Route("/_sandbox/seed", guarded(supply.seed), methods=["POST"]),
        Route("/_sandbox/export", guarded(portable.export)),
        Route("/_sandbox/import", guarded(portable.put_in), methods=["POST"]),
        Route("/_sandbox/reset", guarded(supply.reset), methods=["POST"]),
        Route("/_sandbox/clients", guarded(registry.clients_list), methods=["GET"]),
        Route("/_sandbox/clients", guarded(registry.register), methods=["POST"]),
        Route("/_sandbox/pubsub", guarded(messaging.subscriptions), methods=["GET"]),
        Route("/_sandbox/pubsub", guarded(messaging.subscribe), methods=["POST"]),
        Route("/_sandbox/service-accounts", guarded(messaging.service_account), methods=["POST"]),
        Route("/_sandbox/drills", guarded(drills.listing), methods=["GET"]),
        Route("/_sandbox/drills/{name}", guarded(drills.run), methods=["POST"]),
    ]
