"""Reads for the pages, always through the owner and in a fixed number of queries. Nothing here changes anything."""
