"""The tables of the sandbox's Gmail.

``gmail_labelling`` repeats a message's date and thread, so that "the newest of this label" is one walk along its key.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS gmail_mailbox (
    account_id INTEGER PRIMARY KEY,
    history_id INTEGER NOT NULL,       -- the newest
    oldest_history INTEGER NOT NULL,   -- a startHistoryId below this is a 404
    counter INTEGER NOT NULL DEFAULT 0 -- how many ids were given out
);
CREATE TABLE IF NOT EXISTS gmail_label (
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL,
    list_visibility TEXT NOT NULL DEFAULT '',
    message_visibility TEXT NOT NULL DEFAULT '',
    text_color TEXT NOT NULL DEFAULT '',
    background_color TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gmail_message (
    number INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    received INTEGER NOT NULL,         -- milliseconds, Gmail's internalDate
    history_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    snippet TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,          -- the Message-ID header
    attached INTEGER NOT NULL,
    UNIQUE (account_id, id)
);
CREATE INDEX IF NOT EXISTS gmail_message_date ON gmail_message (account_id, received DESC, number DESC);
CREATE INDEX IF NOT EXISTS gmail_message_thread ON gmail_message (account_id, thread_id, received);
CREATE INDEX IF NOT EXISTS gmail_message_message_id ON gmail_message (account_id, message_id);
CREATE TABLE IF NOT EXISTS gmail_raw (number INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS gmail_labelling (
    account_id INTEGER NOT NULL,
    label_id TEXT NOT NULL,
    received INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (account_id, label_id, received, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gmail_labelling_number ON gmail_labelling (number, label_id);
CREATE TABLE IF NOT EXISTS gmail_reference (
    account_id INTEGER NOT NULL,
    message_id TEXT NOT NULL,          -- a Message-ID that a message has or refers to
    subject TEXT NOT NULL,             -- without Re: and Fwd:
    thread_id TEXT NOT NULL,
    PRIMARY KEY (account_id, message_id, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gmail_history (
    account_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,                -- messageAdded, messageDeleted, labelAdded, labelRemoved
    message_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    labels TEXT NOT NULL,              -- JSON: those that came or went
    after TEXT NOT NULL,               -- JSON: all that the message has now
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gmail_draft (
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gmail_watch (
    account_id INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    labels TEXT NOT NULL,
    behaviour TEXT NOT NULL,
    expires INTEGER NOT NULL,          -- milliseconds
    PRIMARY KEY (account_id, client_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gmail_alias (
    account_id INTEGER NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE,
    settings TEXT NOT NULL,            -- JSON: a SendAs
    PRIMARY KEY (account_id, email)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS gmail_words USING fts5 (
    subject, sender, recipients, copies, filenames, body, listed, tokenize = 'unicode61'
);
"""

TABLES = (
    "gmail_mailbox",
    "gmail_label",
    "gmail_message",
    "gmail_raw",
    "gmail_labelling",
    "gmail_reference",
    "gmail_history",
    "gmail_draft",
    "gmail_watch",
    "gmail_alias",
    "gmail_words",
)
