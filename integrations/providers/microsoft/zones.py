"""Time zone names: Outlook speaks Windows names, everything else of ours IANA names.

The table is CLDR's windowsZones, as tzlocal ships it. Custom zones of old clients have no name and are left to the
caller.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win, win_tz

_WINDOWS = {name.casefold(): iana for name, iana in win_tz.items()}
_UTC = frozenset({"utc", "etc/utc", "tzone://microsoft/utc"})


@lru_cache(maxsize=1024)
def iana(name: str) -> str:
    """The IANA name of an Outlook zone ("W. Europe Standard Time", or IANA already); empty for one that is unknown.

    "tzone://Microsoft/Custom" is such a one (Microsoft Graph, resource type dateTimeTimeZone and event).
    """
    key = name.strip().casefold()
    if key in _UTC:
        return "UTC"
    if key in _WINDOWS:
        return _WINDOWS[key]
    try:
        return ZoneInfo(name.strip()).key
    except (KeyError, ValueError, OSError):
        return ""


def windows(name: str) -> str:
    """The Windows name of an IANA zone. One without such a name comes back as it is, which Graph accepts too."""
    return tz_win.get(name, name)
