"""The route table of the Calendar API: which handler serves which method. Every call costs one query of the quota."""

from __future__ import annotations

from sandbox.google.calendar import channels, colours, entries, events, freebusy, managing, preferences, writing
from sandbox.google.calls import Table

TABLE: Table = {
    **entries.TABLE,
    **managing.TABLE,
    **events.TABLE,
    **writing.TABLE,
    **colours.TABLE,
    **freebusy.TABLE,
    **preferences.TABLE,
    **channels.TABLE,
}
