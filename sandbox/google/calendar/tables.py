"""The tables of the sandbox's Google Calendar.

An event is kept as the resource that Google would answer, in JSON; the columns beside it are what lists look for.
``version`` counts the changes of a calendar: a sync token is the version up to which its holder knows everything.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS calendar_calendar (
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    summary TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    role TEXT NOT NULL,                -- accessRole
    is_primary INTEGER NOT NULL DEFAULT 0,
    entry TEXT NOT NULL,               -- JSON: the other properties of its calendarList entry and calendar
    list_version INTEGER NOT NULL,     -- when its entry last changed, in the account's count
    version INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0, -- sync tokens of an earlier one are 410
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calendar_account (
    account_id INTEGER PRIMARY KEY,
    list_version INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS calendar_event (
    number INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    calendar_id TEXT NOT NULL,
    id TEXT NOT NULL,
    uid TEXT NOT NULL,
    series_id TEXT NOT NULL,           -- of an exception: its master
    original_start TEXT NOT NULL,      -- of an exception: the tail of its id
    cancelled INTEGER NOT NULL,
    starts REAL NOT NULL,              -- seconds, the first instance
    ends REAL NOT NULL,                -- seconds, the last instance; infinite for a series without an end
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,          -- milliseconds
    resource TEXT NOT NULL,
    UNIQUE (account_id, calendar_id, id)
);
CREATE INDEX IF NOT EXISTS calendar_event_version ON calendar_event (account_id, calendar_id, version);
CREATE INDEX IF NOT EXISTS calendar_event_start ON calendar_event (account_id, calendar_id, starts);
CREATE INDEX IF NOT EXISTS calendar_event_series ON calendar_event (account_id, calendar_id, series_id);
CREATE INDEX IF NOT EXISTS calendar_event_uid ON calendar_event (account_id, calendar_id, uid);
CREATE TABLE IF NOT EXISTS calendar_channel (
    account_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_uri TEXT NOT NULL,
    address TEXT NOT NULL,
    token TEXT NOT NULL,
    expires INTEGER NOT NULL,          -- milliseconds
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calendar_conference (  -- asked for and not made yet
    account_id INTEGER NOT NULL,
    calendar_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    due REAL NOT NULL,
    PRIMARY KEY (account_id, calendar_id, event_id)
) WITHOUT ROWID;
"""

TABLES = ("calendar_calendar", "calendar_account", "calendar_event", "calendar_channel", "calendar_conference")
