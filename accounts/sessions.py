"""Where a person is signed in, in words: which browser on which system, and which of them is this one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.models import User

# The first that matches names it: most browsers also call themselves another one.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One browser."""

    browser: str
    address: str
    since: datetime
    current: bool


def sessions_of(request: HttpRequest, user: User) -> list[SignedIn]:
    """This browser first, then the others, the latest sign-in first. Sessions that ended are tidied away meanwhile."""
    rows = UserSession.objects.purge_and_list(user)
    here = request.session.session_key
    found = [SignedIn(_name(r.user_agent), str(r.ip), r.created_at, r.session_key == here) for r in rows]
    return sorted(found, key=lambda s: (s.current, s.since), reverse=True)


def _name(agent: str) -> str:
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or re.split(r"[/ ]", agent, maxsplit=1)[0][:40] or "Unknown browser"
