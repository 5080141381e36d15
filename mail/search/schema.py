"""The tables and triggers of the index, which no model can say. Made by a migration, and looked after after each one,
since SQLite loses them where a migration remakes their table.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

# Words of the first column take no note of their column, which makes a tenth of what the index costs; merging more at
# once makes a fifth.
_SQLITE = (
    """
    CREATE VIRTUAL TABLE IF NOT EXISTS mail_words
        USING fts5(text, subject, sender, recipients, tokenize='ascii', columnsize=0)
    """,
    "INSERT INTO mail_words (mail_words, rank) VALUES ('automerge', 16)",
)
_SQLITE_TRIGGER = """
    CREATE TRIGGER IF NOT EXISTS mail_message_words AFTER DELETE ON mail_message BEGIN
        DELETE FROM mail_words WHERE rowid =
            (min(max(CAST(strftime('%s', OLD.date) AS INTEGER), 0), 8589934591) << 30) | OLD.id;
    END
"""
_POSTGRES = (
    "CREATE TABLE IF NOT EXISTS mail_words (place bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS mail_words_index ON mail_words USING gin (words)",
    """
    CREATE OR REPLACE FUNCTION mail_forget_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM mail_words USING gone WHERE place =
            (least(greatest(floor(extract(epoch FROM gone.date)), 0), 8589934591)::bigint << 30) | gone.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER mail_message_words AFTER DELETE ON mail_message
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION mail_forget_words()
    """,
)


def make(connection: BaseDatabaseWrapper) -> None:
    """The whole index, empty."""
    with connection.cursor() as cursor:
        for statement in _POSTGRES if connection.vendor == "postgresql" else (*_SQLITE, _SQLITE_TRIGGER):
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """As if it had never been."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER IF EXISTS mail_message_words ON mail_message")
            cursor.execute("DROP FUNCTION IF EXISTS mail_forget_words()")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS mail_message_words")
        cursor.execute("DROP TABLE IF EXISTS mail_words")
