"""The one door: what arrives, what comes back, and what a failed connection is taken for."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from integrations.errors import PermanentFailure, TemporaryFailure
from integrations.providers.base import Session
from integrations.providers.http import Request, Response, path_template, same_origin, send, send_as
from integrations.providers.http.for_msal import MsalHttpClient
from tests.providers.wire import Asked, Said, Wire, said_json

SECRET = "ya29.very-secret"


def test_query_headers_and_body_arrive(wire: Wire) -> None:
    wire.answer = lambda asked: said_json({"ok": True}, ETag="7")
    answer = send(Request.with_json("POST", f"{wire.base}/a?x=1", {"n": 2}, {"X-Own": "3"}, {"y": ["4", "5 &"]}))
    assert answer.ok and answer.json() == {"ok": True} and answer.headers["etag"] == "7"
    asked = wire.asked[0]
    assert (asked.method, asked.query, asked.body) == ("POST", {"x": ["1"], "y": ["4", "5 &"]}, b'{"n":2}')
    assert (asked.headers["x-own"], asked.headers["content-type"]) == ("3", "application/json")


def test_compressed_answers_are_read_and_limited_by_what_they_hold(wire: Wire) -> None:
    wire.answer = lambda asked: Said(200, gzip.compress(b"a" * 5_000_000), {"Content-Encoding": "gzip"})
    assert len(send(Request("GET", wire.base)).body) == 5_000_000
    with pytest.raises(PermanentFailure, match="larger than 1 MB"):
        send(Request("GET", wire.base, max_bytes=1_000_000 + 50_000))


def test_redirects_are_not_followed(wire: Wire) -> None:
    wire.answer = lambda asked: Said(302, b"", {"Location": "http://example.com/"})
    assert send(Request("GET", wire.base)).status == 302
    assert len(wire.asked) == 1


def test_a_read_is_sent_again_on_a_dropped_connection_and_a_write_is_not(wire: Wire) -> None:
    def answer(asked: Asked) -> Said:
        return Said(drop=True) if len(wire.asked) in (2, 4) else Said(200)

    wire.answer = answer
    send(Request("GET", wire.base))
    assert send(Request("GET", wire.base)).ok
    assert len(wire.asked) == 3
    with pytest.raises(TemporaryFailure) as caught:
        send(Request("POST", wire.base, body=b"once"))
    assert caught.value.sent
    assert len(wire.asked) == 4


def test_a_refused_connection_proves_that_nothing_was_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(TemporaryFailure) as caught:
        send(Request("POST", f"http://127.0.0.1:{port}/token", params={"token": SECRET}))
    assert not caught.value.sent
    seen: BaseException | None = caught.value
    while seen is not None:
        assert SECRET not in str(seen)
        seen = seen.__cause__ or seen.__context__


def test_silence_ends_as_a_failure_that_may_have_arrived(wire: Wire) -> None:
    released = threading.Event()

    def answer(asked: Asked) -> Said:
        released.wait(5)
        return Said(200)

    wire.answer = answer
    with pytest.raises(TemporaryFailure) as caught:
        send(Request("POST", wire.base, read_timeout=0.2))
    released.set()
    assert caught.value.sent


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "example.com", "http://[::1/"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(PermanentFailure):
        send(Request("GET", url))


def test_log_lines_hold_no_secret(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    wire.answer = lambda asked: said_json({"access_token": SECRET})
    request = Request(
        "POST",
        f"{wire.base}/gmail/v1/users/ada%40example.com/messages",
        headers={"Authorization": f"Bearer {SECRET}"},
        params={"token": SECRET},
        body=SECRET.encode(),
    )
    with caplog.at_level(logging.DEBUG):
        answer = send(request)
    assert SECRET not in caplog.text and "example.com" not in caplog.text
    assert "/gmail/v1/users/*/messages 200" in caplog.text
    assert SECRET not in repr(request) + repr(answer)


def test_many_threads_get_their_own_answers(wire: Wire) -> None:
    wire.answer = lambda asked: Said(200, asked.path.encode())
    wrong: list[str] = []

    def read(number: int) -> None:
        for turn in range(20):
            path = f"/{number}/{turn}"
            if send(Request("GET", wire.base + path)).text != path:
                wrong.append(path)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_refused_token_is_replaced_once(wire: Wire, session: Session) -> None:
    wire.answer = lambda asked: Said(200 if asked.headers["authorization"] == "Bearer second-token" else 401)
    assert send_as(session, Request("GET", wire.base)).ok
    wire.answer = lambda asked: Said(401)
    assert send_as(session, Request("GET", wire.base)).status == 401
    assert len(wire.asked) == 4


def test_retry_after_is_read_in_all_its_forms() -> None:
    def wait(value: str) -> float | None:
        return Response(429, {"retry-after": value}, b"").retry_after()

    assert (wait("7"), wait("2.128"), wait(""), wait("soon"), wait("inf"), wait("-3")) == (
        7,
        2.128,
        None,
        None,
        None,
        0,
    )
    later = wait(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert later is not None and 55 < later <= 60


def test_an_answer_that_is_no_json_is_a_passing_failure() -> None:
    with pytest.raises(TemporaryFailure):
        Response(200, {}, b"<html>Sign in to the hotel's network</html>").json()
    assert Response(500, {}, b"[1]").error_json() == {}


def test_origins_are_compared_whole() -> None:
    base = "https://graph.microsoft.com/v1.0"
    assert same_origin("https://graph.microsoft.com:443/v1.0/me", base)
    assert same_origin("https://GRAPH.microsoft.com/me", base)
    for other in (
        "http://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com.example.org/",
        "https://graph.microsoft.com@example.org/",
        "https://graph.microsoft.com:8443/",
        "https://graph.microsoft.com:http/",
        "//graph.microsoft.com/",
        "https://[graph/",
    ):
        assert not same_origin(other, base)


def test_paths_are_shown_without_ids() -> None:
    shown = path_template("https://h/v1.0/me/mailFolders('AAMkAG=')/messages/AAMkAGI2TG93AAA=/attachments?$x=1")
    assert shown == "/v1.0/me/mailFolders(*)/messages/*/attachments"
    assert (
        path_template("https://h/calendar/v3/calendars/ada%40example.com/events") == "/calendar/v3/calendars/*/events"
    )
    assert path_template("https://h/oauth2/v3/certs") == "/oauth2/v3/certs"


def test_msal_is_led_to_the_configured_address(wire: Wire) -> None:
    wire.answer = lambda asked: said_json({"tried": asked.path}, 400)
    client = MsalHttpClient({"https://login.microsoftonline.com": f"{wire.base}/microsoft"})
    answer = client.post("https://login.microsoftonline.com/common/oauth2/v2.0/token", data={"scope": "a b"})
    assert answer.status_code == 400 and '"/microsoft/common/oauth2/v2.0/token"' in answer.text
    assert wire.asked[0].body == b"scope=a+b"
    with pytest.raises(TemporaryFailure):
        answer.raise_for_status()
    assert client.get(f"{wire.base}/own", params={"a": "b"}).status_code == 400
    assert wire.asked[1].query == {"a": ["b"]}
