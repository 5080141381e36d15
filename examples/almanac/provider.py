"""Almanac's descriptor: everything that others may know of it. It states and does nothing."""

from __future__ import annotations

from examples.almanac.calendar import AlmanacCalendar
from examples.almanac.oauth import AlmanacOAuth
from integrations.providers.base import Permission, Provider
from integrations.records import Service

provider = Provider(
    id="almanac",
    name="Almanac",
    endpoints={
        "authorize": "https://almanac.example/oauth/authorize",
        "token": "https://almanac.example/oauth/token",
        "jwks": "https://almanac.example/oauth/keys",
        "api": "https://almanac.example/api",
    },
    identity_scopes=("openid", "email"),
    offline_scopes=("offline",),
    permissions=(Permission("events", Service.CALENDAR, "See and add events in your almanac"),),
    oauth=AlmanacOAuth(),
    clients={Service.CALENDAR: AlmanacCalendar},
    called={Service.CALENDAR: "Almanac"},
    console_url="https://almanac.example/developers",
    grants_page="https://almanac.example/settings/apps",
    revokes=False,
)
