"""Upload sessions of the sandbox's Graph: large attachments in ranges, to an address that takes no token."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox import answers
from tests.sandbox.conftest import Sandbox

BO = "bo@contoso.example"
CONTENT = bytes(range(256)) * 4096 * 5  # 5 MB
MB = 1024 * 1024
TIMES = (("start", 10), ("end", 11))


@pytest.fixture
def graph(sandbox: Sandbox) -> requests.Session:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
    return sandbox.authorized("microsoft", BO)


def _draft(sandbox: Sandbox, graph: requests.Session) -> str:
    body: Any = {"subject": "Plans", "toRecipients": [{"emailAddress": {"address": BO}}]}
    return str(graph.post(f"{sandbox.base}/v1.0/me/messages", json=body).json()["id"])


def _session(
    sandbox: Sandbox, graph: requests.Session, owner: str, size: int = len(CONTENT), **item: Any
) -> requests.Response:
    described: dict[str, Any] = {
        "attachmentType": "file",
        "name": "plans.pdf",
        "contentType": "application/pdf",
        "size": size,
    } | item
    at = f"{sandbox.base}/v1.0/me/{owner}/attachments/createUploadSession"
    return graph.post(at, json={"AttachmentItem": described | {"size": size} | item})


def _put(url: str, first: int, content: bytes, size: int = len(CONTENT), **headers: str) -> requests.Response:
    stated = {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{size}"}
    return requests.put(url, content, headers=stated | headers, hooks={"response": answers.check})


@pytest.mark.parametrize("kind", ["messages", "events"])
def test_a_large_attachment_comes_in_ranges(sandbox: Sandbox, graph: requests.Session, kind: str) -> None:
    if kind == "messages":
        owner = _draft(sandbox, graph)
    else:
        times: dict[str, Any] = {
            name: {"dateTime": f"2026-12-01T{hour}:00:00"} for name, hour in (("start", 10), ("end", 11))
        }
        times = {name: value | {"timeZone": "UTC"} for name, value in times.items()}
        owner = graph.post(f"{sandbox.base}/v1.0/me/events", json={"subject": "Plan", **times}).json()["id"]
    made = _session(sandbox, graph, f"{kind}/{owner}")
    assert made.status_code == 201 and made.json()["nextExpectedRanges"] == ["0-"]
    url = made.json()["uploadUrl"]
    first = _put(url, 0, CONTENT[: 2 * MB])
    assert (first.status_code, first.json()["nextExpectedRanges"]) == (200, [str(2 * MB)])
    assert requests.get(url).json()["nextExpectedRanges"] == [str(2 * MB)]
    last = _put(url, 2 * MB, CONTENT[2 * MB :])
    assert last.status_code == 201 and last.content == b""
    number = last.headers["Location"].rpartition("Attachments('")[2].removesuffix("')")
    at = f"{sandbox.base}/v1.0/me/{kind}/{owner}"
    assert graph.get(at).json()["hasAttachments"]
    assert graph.get(f"{at}/attachments/{number}").json()["name"] == "plans.pdf"
    assert graph.get(f"{at}/attachments/{number}/$value").content == CONTENT
    assert requests.get(url).status_code == 404  # the session is over
    if kind == "messages":
        assert graph.post(f"{at}/send").status_code == 202
        inbox = f"{sandbox.base}/v1.0/me/mailFolders/inbox/messages"
        [came] = graph.get(inbox, params={"$expand": "attachments($select=name,size)"}).json()["value"]
        assert came["attachments"][0]["size"] == len(CONTENT)


def test_an_upload_goes_on_in_order_and_without_a_token(sandbox: Sandbox, graph: requests.Session) -> None:
    url = _session(sandbox, graph, f"messages/{_draft(sandbox, graph)}").json()["uploadUrl"]
    token = str(graph.headers["Authorization"])
    assert _put(url, 0, CONTENT[:MB], Authorization=token).status_code == 401
    assert _put(url, MB, CONTENT[MB : 2 * MB]).status_code == 416
    assert _put(url, 0, CONTENT).status_code == 413  # more than 4 MB at once
    assert _put(url, 0, CONTENT[:MB], size=MB * 9).status_code == 400
    assert requests.put(url, CONTENT[:MB]).status_code == 400
    assert _put(url, 0, CONTENT[:MB]).status_code == 200
    assert _put(url, 0, CONTENT[:MB]).status_code == 416
    assert requests.delete(url).status_code == 204 and _put(url, MB, CONTENT[MB : 2 * MB]).status_code == 404


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (1000, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"),
        (151 * MB, "ErrorAttachmentSizeLimitExceeded"),
        (None, "ErrorInvalidRequest"),
    ],
)
def test_small_and_huge_attachments_have_no_session(
    sandbox: Sandbox, graph: requests.Session, size: Any, code: str
) -> None:
    refused = _session(sandbox, graph, f"messages/{_draft(sandbox, graph)}", size)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)


def test_a_slow_upload_session(sandbox: Sandbox, graph: requests.Session) -> None:
    url = _session(sandbox, graph, f"messages/{_draft(sandbox, graph)}").json()["uploadUrl"]
    sandbox.drill("latency", service="graph", ms=1500, jitter=0)
    with pytest.raises(requests.ReadTimeout):
        requests.put(url, CONTENT[:MB], headers={"Content-Range": f"bytes 0-{MB - 1}/{len(CONTENT)}"}, timeout=0.3)
    sandbox.drill("end-faults")
    assert requests.get(url).status_code == 200
    sandbox.drill("server-errors", service="graph", count=1)
    assert _put(url, 0, CONTENT[:MB]).status_code >= 500


def test_more_than_150_mb_in_five_minutes_are_too_many(sandbox: Sandbox, graph: requests.Session) -> None:
    sandbox.drill("quota-table", table="new")
    owner, size = f"messages/{_draft(sandbox, graph)}", 150 * MB
    url = _session(sandbox, graph, owner, size).json()["uploadUrl"]
    statuses = [_put(url, n * 4 * MB, bytes(4 * MB), size).status_code for n in range(37)]
    assert set(statuses) == {200}
    refused = _put(url, 148 * MB, bytes(2 * MB), size)
    assert refused.status_code == 429 and float(refused.headers["Retry-After"]) > 0
