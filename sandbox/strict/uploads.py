"""Holds requests to upload sessions against rules of our own ("Attach large files"): no contract states them."""

from __future__ import annotations

import re

from sandbox.strict.asked import Asked

_SESSION = re.compile(r"/outlook/api/v2\.0/Users\('[^']+'\)/AttachmentSessions\('[^']+'\)")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
MOST = 4 * 1024 * 1024


def judge(asked: Asked) -> list[str]:
    """What is wrong with a request; nothing for those that go elsewhere."""
    if not asked.path.startswith("/outlook/"):
        return []
    if not _SESSION.fullmatch(asked.path):
        return ["it is no upload session's address"]
    found = ["the address stands for the token: it takes no Authorization"] if "authorization" in asked.headers else []
    if asked.query:
        found.append("a query that was not in the address")
    if asked.verb == "PUT":
        return found + _range(asked)
    if asked.verb not in ("GET", "DELETE"):
        return [*found, f"{asked.verb} is none of PUT, GET, DELETE"]
    return [*found, f"{asked.verb} takes no body"] if asked.body else found


def _range(asked: Asked) -> list[str]:
    stated = _RANGE.fullmatch(asked.headers.get("content-range", ""))
    if stated is None:
        return ["Content-Range: missing, or not of the form bytes 0-9/10"]
    first, last, size = map(int, stated.groups())
    found = []
    if last - first + 1 != len(asked.body) or last >= size:
        found.append("Content-Range: does not fit the body")
    if len(asked.body) > MOST:
        found.append("the body is larger than 4 MB")
    if asked.headers.get("content-length") != str(len(asked.body)):
        found.append("Content-Length: missing or wrong")
    return found
