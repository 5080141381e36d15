"""What a report of an error may say, on Django's debug page and in mail to administrators: nothing that opens anything.

Any frame may hold a token, a library's too, so values of variables are described and not shown. Nothing that was sent
with a request is shown either, and what still looks like a secret, in a message or an address, is cut out of the whole.
"""

from __future__ import annotations

import re
from collections.abc import ItemsView
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from types import FrameType
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from osmen_web.logs import masked

# A long run with a digit in it, where neither a path nor a dotted name goes on.
_LOOKS_SECRET = re.compile(r"(?=[\w\-.~+=!*%]*\d)[\w\-.~+=!*%]{32,}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_QUERY = re.compile(r"\?[^\s\"'<]*")
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/@\s]+(?=@)")
# What of a request helps and cannot open anything.
_SHOWN_META = re.compile("REQUEST_METHOD|SERVER_.*|CONTENT_(TYPE|LENGTH)|HTTP_(HOST|ACCEPT.*|USER_AGENT)")
_PLAIN = (bool, int, float, Decimal, date, timedelta, UUID, Enum)
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset)


class Filter(SafeExceptionReporterFilter):
    """What of a frame, a request and the settings is told; the same on a developer's machine and elsewhere."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {name: _Described(value) for name, value in tb_frame.f_locals.items()}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(getattr(request, "COOKIES", ()), self.cleansed_substitute)

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        meta = getattr(request, "META", {})
        return {name: value for name, value in meta.items() if _SHOWN_META.fullmatch(name)}


class Reporter(ExceptionReporter):
    def get_traceback_data(self) -> dict[str, Any]:
        said = super().get_traceback_data()
        if isinstance(self.request, HttpRequest):
            said["request_GET_items"] = dict.fromkeys(self.request.GET, Filter.cleansed_substitute).items()
            said["request_insecure_uri"] = _QUERY.sub("", said["request_insecure_uri"])
        return said

    def get_traceback_html(self) -> SafeString:
        return _cut(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return _cut(super().get_traceback_text())


class _Described:
    """A value as a report shows it."""

    def __init__(self, value: object) -> None:
        self._said = _described(value)

    def __repr__(self) -> str:
        return self._said


def _described(value: object) -> str:
    kind = type(value)
    if value is None or isinstance(value, _PLAIN):
        return str(value)
    if kind in _SIZED:
        assert isinstance(value, _SIZED)
        return f"<{kind.__name__} of {len(value)}>"
    if isinstance(value, Model):
        return f"<{kind.__name__} {value.pk}>"
    return f"<{kind.__module__}.{kind.__qualname__}>"


def _cut(report: str) -> SafeString:
    """The report without what may be a secret, whichever way it got there."""
    known = masked(_USER_AND_PASSWORD.sub("***", report))
    return SafeString(_LOOKS_SECRET.sub(_without, known))


def _without(found: re.Match[str]) -> str:
    return found[0] if _ID.fullmatch(found[0]) else f"[{len(found[0])} characters]"
