"""The sandbox's Google contacts: people and groups in SQLite, and the methods of the People API v1 over them."""
