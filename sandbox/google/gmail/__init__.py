"""The sandbox's Gmail: a mailbox in SQLite, and the methods of the Gmail API v1 over it."""
