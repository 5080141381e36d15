"""The tables of the sandbox's Google contacts. ``version`` counts an address book's changes, for its sync tokens."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS people_book (
    account_id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0, -- sync tokens of an earlier one have expired
    counter INTEGER NOT NULL DEFAULT 0     -- how many ids were given out
);
CREATE TABLE IF NOT EXISTS people_person (
    number INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,                  -- of the resource name: people/c… or otherContacts/c…
    other INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,          -- milliseconds
    deleted INTEGER NOT NULL DEFAULT 0,
    person TEXT NOT NULL,              -- JSON: the fields that its owner fills in
    photo BLOB,
    UNIQUE (account_id, id)
);
CREATE INDEX IF NOT EXISTS people_person_version ON people_person (account_id, other, version);
CREATE TABLE IF NOT EXISTS people_group (
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
"""

TABLES = ("people_book", "people_person", "people_group", "people_earlier")
