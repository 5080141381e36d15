"""The tables of the sandbox's Microsoft Graph. What their rows mean is left to the modules that write them.

Every account has one counter (``graph_mailbox.seq``); each change of an item takes the next number, which is what delta
tokens count in. Message text and MIME lie in a table of their own, so that walking a folder of 50,000 messages stays
quick.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS graph_mailbox (
    account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,     -- delta tokens of an earlier epoch are expired
    settings TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS graph_gone (   -- what left a container, for delta
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                   -- 'message', 'folder', 'event', 'contact', 'contactFolder'
    container INTEGER NOT NULL,
    rest_id TEXT NOT NULL,
    immutable_id TEXT NOT NULL,
    reason TEXT NOT NULL,                 -- 'deleted' or 'changed'
    seq INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS graph_gone_seq ON graph_gone (account, kind, container, seq);

CREATE TABLE IF NOT EXISTS graph_folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, as ids are made of it
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    parent INTEGER NOT NULL,              -- 0 for the root itself
    name TEXT NOT NULL,
    well_known TEXT NOT NULL DEFAULT '',
    hidden INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS graph_folder_account ON graph_folder (account, parent);
CREATE TABLE IF NOT EXISTS graph_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES graph_folder (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL DEFAULT 0,  -- moves so far: part of the id that is not immutable
    entered INTEGER NOT NULL,               -- when it came into its folder
    changed INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    odata_type TEXT NOT NULL DEFAULT '',    -- '#microsoft.graph.eventMessageRequest' and the like
    subject TEXT NOT NULL,
    topic TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_address TEXT NOT NULL,
    received TEXT NOT NULL,                 -- UTC, YYYY-MM-DDTHH:MM:SSZ, as all instants here
    sent TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    is_read INTEGER NOT NULL,
    is_draft INTEGER NOT NULL,
    flag TEXT NOT NULL DEFAULT 'notFlagged',
    importance TEXT NOT NULL DEFAULT 'normal',
    inference TEXT NOT NULL DEFAULT 'focused',
    has_attachments INTEGER NOT NULL DEFAULT 0,
    internet_message_id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    conversation_index TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    preview TEXT NOT NULL,
    fields TEXT NOT NULL                    -- JSON: recipients, categories, meeting, extended properties
);
CREATE INDEX IF NOT EXISTS graph_message_received ON graph_message (folder, received DESC, id DESC);
CREATE INDEX IF NOT EXISTS graph_message_changed ON graph_message (folder, changed);
CREATE INDEX IF NOT EXISTS graph_message_unread ON graph_message (folder, is_read);
CREATE INDEX IF NOT EXISTS graph_message_account ON graph_message (account, received DESC, id DESC);
CREATE INDEX IF NOT EXISTS graph_message_conversation ON graph_message (account, conversation);
CREATE INDEX IF NOT EXISTS graph_message_topic ON graph_message (account, topic);
CREATE INDEX IF NOT EXISTS graph_message_rfc ON graph_message (account, internet_message_id);
CREATE TABLE IF NOT EXISTS graph_content (
    message INTEGER PRIMARY KEY REFERENCES graph_message (id) ON DELETE CASCADE,
    raw BLOB,                               -- NULL for a draft written through the API
    body_type TEXT NOT NULL,
    body TEXT NOT NULL,
    headers TEXT NOT NULL                   -- JSON: [[name, value], …]
);
CREATE TABLE IF NOT EXISTS graph_attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER REFERENCES graph_message (id) ON DELETE CASCADE,
    event INTEGER REFERENCES graph_event (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                     -- 'file' or 'item'
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id TEXT NOT NULL DEFAULT '',
    inline INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS graph_attachment_message ON graph_attachment (message);
CREATE INDEX IF NOT EXISTS graph_attachment_event ON graph_attachment (event);
CREATE TABLE IF NOT EXISTS graph_thread (   -- which conversation a Message-ID belongs to, seen or only referred to
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (account, message_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS graph_calendar (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    color TEXT NOT NULL DEFAULT 'auto',
    hex_color TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0,
    can_edit INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS graph_calendar_account ON graph_calendar (account);
CREATE TABLE IF NOT EXISTS graph_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    calendar INTEGER NOT NULL REFERENCES graph_calendar (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                     -- 'single', 'master', 'exception' or 'cancelled'
    master INTEGER REFERENCES graph_event (id) ON DELETE CASCADE,
    day INTEGER,                            -- ordinal of an exception's original date in the series' zone
    changed INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    start TEXT NOT NULL,                    -- wall clock in ``zone``, YYYY-MM-DDTHH:MM:SS
    finish TEXT NOT NULL,
    zone TEXT NOT NULL,                     -- as stored: a Windows name, or an IANA one that has none
    all_day INTEGER NOT NULL DEFAULT 0,
    start_utc TEXT NOT NULL,                -- YYYY-MM-DDTHH:MM:SS
    last_utc TEXT NOT NULL,                 -- end; of a series: of its last occurrence, '9999' without one
    recurrence TEXT NOT NULL DEFAULT '',    -- JSON, Graph's patternedRecurrence
    uid TEXT NOT NULL,
    transaction_id TEXT,
    subject TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    fields TEXT NOT NULL                    -- JSON: the rest, in Graph's own names
);
CREATE INDEX IF NOT EXISTS graph_event_window ON graph_event (calendar, kind, start_utc);
CREATE INDEX IF NOT EXISTS graph_event_changed ON graph_event (calendar, changed);
CREATE INDEX IF NOT EXISTS graph_event_uid ON graph_event (account, uid);
CREATE UNIQUE INDEX IF NOT EXISTS graph_event_master ON graph_event (master, day) WHERE master IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS graph_event_transaction ON graph_event (account, transaction_id)
    WHERE transaction_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS graph_former (   -- what a series was before it changed or went, for delta
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    calendar INTEGER NOT NULL,
    event INTEGER NOT NULL,
    start TEXT NOT NULL,
    finish TEXT NOT NULL,
    zone TEXT NOT NULL,
    recurrence TEXT NOT NULL,
    seq INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS graph_former_seq ON graph_former (calendar, seq);

CREATE TABLE IF NOT EXISTS graph_contact_folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS graph_contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES graph_contact_folder (id) ON DELETE CASCADE,
    changed INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    fields TEXT NOT NULL,
    photo BLOB NOT NULL DEFAULT x''
);
CREATE INDEX IF NOT EXISTS graph_contact_changed ON graph_contact (folder, changed);

CREATE TABLE IF NOT EXISTS graph_category (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    color TEXT NOT NULL,
    UNIQUE (account, name)
);
CREATE TABLE IF NOT EXISTS graph_upload (     -- upload sessions of attachments
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    owner TEXT NOT NULL,                    -- 'message' or 'event'
    item INTEGER NOT NULL,                  -- its row
    size INTEGER NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id TEXT NOT NULL,
    inline INTEGER NOT NULL,
    expires TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS graph_upload_piece (
    session TEXT NOT NULL REFERENCES graph_upload (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS graph_subscription (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    change_type TEXT NOT NULL,
    url TEXT NOT NULL,
    lifecycle_url TEXT,
    client_state TEXT,
    expires TEXT NOT NULL
);
"""

TABLES = (
    "graph_upload_piece",
    "graph_upload",
    "graph_subscription",
    "graph_category",
    "graph_contact",
    "graph_contact_folder",
    "graph_former",
    "graph_attachment",
    "graph_event",
    "graph_calendar",
    "graph_thread",
    "graph_content",
    "graph_message",
    "graph_folder",
    "graph_gone",
    "graph_mailbox",
)
