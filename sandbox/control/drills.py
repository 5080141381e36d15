"""Drills over HTTP: things that happen at a provider sooner or later, made to happen now.

``GET /_sandbox/drills`` lists them. A call is JSON, answered in JSON, or a form of the page, which leads back to it.
"""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sandbox.control.answers import BadCall, read
from sandbox.control.catalogue import DRILLS, Drill

BOARD = "/_sandbox/"


async def listing(request: Request) -> JSONResponse:
    """GET the drills."""
    return JSONResponse(
        [
            {
                "name": name,
                "title": one.title,
                "group": one.group,
                "does": one.does,
                "expect": f"OsMEN {one.expect}",
                "takes": one.takes,
            }
            for name, one in DRILLS.items()
        ]
    )


async def _form(request: Request, drill: Drill) -> dict[str, Any]:
    """The call that a form makes: numbers are numbers, an account is two fields, what is empty is left out."""
    form, call = await request.form(), dict[str, Any]()
    for field in drill.fields:
        text = str(form.get(field.name, "")).strip()
        if not text:
            continue
        if field.kind == "account":
            provider, _, email = text.partition(" ")
            call.update(provider=provider, email=email)
        elif field.kind == "number":
            try:
                call[field.name] = float(text)
            except ValueError:
                raise BadCall(f"{field.name} is a number.") from None
        else:
            call[field.name] = text
    return call


async def _hold(request: Request, drill: Drill, call: dict[str, Any]) -> dict[str, Any]:
    if stray := call.keys() - {name.rstrip("?") for name in drill.takes}:
        raise BadCall(f"This drill does not take {', '.join(sorted(stray))}.")
    if missing := {name for name in drill.takes if not name.endswith("?")} - call.keys():
        raise BadCall(f"This drill needs {', '.join(sorted(missing))}.")
    done = drill.run(request.app, call)
    return await done if inspect.isawaitable(done) else done


async def run(request: Request) -> Response:
    """POST to hold a drill; 404 for one that does not exist, 400 for fields that make no sense."""
    name = request.path_params["name"]
    drill = DRILLS.get(name)
    if drill is None:
        return JSONResponse({"error": f"There is no drill {name!r}."}, 404)
    by_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    try:
        done = await _hold(request, drill, await _form(request, drill) if by_form else await read(request))
    except BadCall as error:
        return _back(name, error=str(error)) if by_form else error.response()
    return _back(name, what=str(done.get("what", ""))) if by_form else JSONResponse(done)


def _back(name: str, **said: str) -> RedirectResponse:
    """To the page, which says what became of it: ``what`` it happened to, or the ``error``."""
    told = {"drill": name} | {key: text[:200] for key, text in said.items() if text}
    return RedirectResponse(f"{BOARD}?{urlencode(told)}", 303)
