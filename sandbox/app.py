"""Puts the sandbox together: the vendors' authorisation servers and APIs, the control API and the index page."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from sandbox import clients, control, faults, post, quotas, seeding
from sandbox.dated import Dated
from sandbox.heard import Hearing, Memory
from sandbox.oauth import google as google_oauth
from sandbox.oauth import microsoft as microsoft_oauth
from sandbox.oauth import schema
from sandbox.pubsub import api as pubsub
from sandbox.pubsub import service_accounts, topics
from sandbox.push import challenges, queue
from sandbox.push.loop import lifespan
from sandbox.push.opening import Opening
from sandbox.store import Store
from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from sandbox.strict.book import Judge


def prepare(store: Store) -> None:
    """Create the tables and the built-in apps."""
    schema.prepare(store)
    clients.prepare(store)
    for module in (faults, quotas, seeding, queue, challenges, topics, service_accounts):
        store.ensure(module.SCHEMA)


def create_app(store: Store, judges: list[Judge] | None = None) -> Starlette:
    """The whole sandbox over one store; strict where there are ``judges``."""
    prepare(store)
    static = Mount("/_sandbox/static", StaticFiles(directory=str(files("sandbox") / "static")))
    routes: list[BaseRoute] = [static, *control.routes(), *google_oauth.routes(), *microsoft_oauth.routes()]
    post.serve("google", VENDORS["google"].deliver)
    post.serve("microsoft", VENDORS["microsoft"].deliver)
    routes.extend(pubsub.routes())
    for vendor in VENDORS.values():
        routes.extend(vendor.routes(store))
    memory = Memory()
    around = [
        Middleware(Hearing, memory=memory),
        Middleware(Dated, store=store),
        Middleware(faults.Faults, store=store),
        Middleware(Opening, store=store),
    ]
    book = None
    if judges is not None:
        from sandbox.strict.book import Book, Strict  # here, because only a strict sandbox needs what it imports

        book = Book(store.path.with_name("violations.jsonl") if store.path else None)
        around.insert(0, Middleware(Strict, judges=judges))
    app = Starlette(routes=routes, middleware=around, lifespan=lifespan)
    app.state.store = store
    app.state.violations = book
    app.state.memory = memory
    return app
