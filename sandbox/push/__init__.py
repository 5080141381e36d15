"""Telling apps of changes: Gmail through Pub/Sub, Calendar by channels, Graph by notifications.

The vendors' APIs keep rows of who wants to be told. Here, somebody looks what changed since each was told last, writes
what is to be said into a queue that outlives a kill, and delivers it, to this machine only.
"""
