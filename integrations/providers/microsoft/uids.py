"""Finds the iCalendar UID in Outlook's global object id, so that one meeting is known as one in two accounts.

Outlook wraps the UID of an invitation from elsewhere into its own binary form, written in hexadecimal digits
(MS-OXOCAL, 2.2.1.27, PidLidGlobalObjectId). What Outlook made itself is its own UID already.
"""

from __future__ import annotations

_PREFIX = "040000008200e00074c5b7101a82e008"
_MARKER = b"vCal-Uid\x01\x00\x00\x00"


def plain(uid: str) -> str:
    """The UID inside, or ``uid`` as it is."""
    if not uid.casefold().startswith(_PREFIX):
        return uid
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        return uid
    _, marker, rest = raw.partition(_MARKER)
    inner = rest.partition(b"\x00")[0]
    if not marker or not inner:
        return uid
    return inner.decode("utf-8", "replace")
