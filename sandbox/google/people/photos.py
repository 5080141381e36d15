"""Photos of contacts at addresses of their own, open to whoever knows them, as Google serves its pictures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sandbox.google.people.rendering import photo_key
from sandbox.store import Store

_NOBODY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#b0bec5"/>'
    '<circle cx="48" cy="38" r="18" fill="#fff"/><path d="M12 96a36 36 0 0 1 72 0z" fill="#fff"/></svg>'
)
_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))


class Photos:
    """The endpoint; a person without a photo has a silhouette."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def serve(self, request: Request) -> Response:
        """The picture behind an address, or 404 for one that is not right any more."""
        row = self.store.row(
            "SELECT * FROM people_person WHERE account_id = ? AND id = ? AND NOT deleted",
            request.path_params["account"],
            request.path_params["person"],
        )
        if row is None or photo_key(row) != request.path_params["key"]:
            return Response(status_code=404)
        if not row["photo"]:
            return Response(_NOBODY, media_type="image/svg+xml")
        kind = next((name for start, name in _KINDS if row["photo"].startswith(start)), "application/octet-stream")
        return Response(row["photo"], media_type=kind)
