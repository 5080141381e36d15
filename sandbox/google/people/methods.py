"""The route table of the People API: which handler serves which method."""

from __future__ import annotations

from sandbox.google.calls import Table
from sandbox.google.people import groups, reading, writing

TABLE: Table = {**reading.TABLE, **writing.TABLE, **groups.TABLE}
