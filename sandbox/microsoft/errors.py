"""Graph's refusals: an exception that carries status, code and message, and the body that tells them.

Shape: "Microsoft Graph error responses and resource types" (learn.microsoft.com/graph/errors). Which rule refuses
what is left to the rules.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any


class GraphError(Exception):
    """An answer other than success. ``headers`` go with it (Retry-After, Location)."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def body(error: GraphError, now: datetime, client_request_id: str) -> dict[str, Any]:
    """The JSON body of a refusal."""
    request_id = str(uuid.uuid4())
    inner = {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id or request_id,
    }
    return {"error": {"code": error.code, "message": error.message, "innerError": inner}}


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    return GraphError(400, code, message)


def unknown_item() -> GraphError:
    """An id that is well formed and names nothing, or names something moved, deleted or of another mailbox."""
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def malformed_id() -> GraphError:
    return GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def read_only(name: str) -> GraphError:
    return GraphError(400, "ErrorInvalidPropertySet", f"The property '{name}' is read-only and cannot be set.")


def invalid_property(name: str, kind: str) -> GraphError:
    return bad_request(
        f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property names"
        " that are defined by the type.",
        "RequestBodyRead",
    )


def sync_state_lost(location: str) -> GraphError:
    """A delta token that the service no longer knows; ``location`` starts the round again."""
    return GraphError(
        410,
        "syncStateNotFound",
        "The sync state generation is not found; start a new round of change tracking.",
        {"Location": location},
    )
