-- Sparse settings over defaults.
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What the account service last said of each consent.
CREATE TABLE consent (
    account    TEXT NOT NULL,
    id         TEXT NOT NULL,
    granted    INTEGER NOT NULL CHECK (granted IN (0, 1)),
    changed_at TEXT,
    PRIMARY KEY (account, id)
) STRICT;

-- Changes the service must hear of, once each. `key` goes along as Idempotency-Key.
CREATE TABLE outbox (
    -- Never used twice: whoever holds a number of a row that is gone must not meet another.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    target     TEXT NOT NULL,
    body       TEXT NOT NULL,
    key        TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'wedged')),
    code       TEXT,
    reason     TEXT,
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Several changes of one thing that haven't left yet are one row.
CREATE UNIQUE INDEX outbox_one_queued ON outbox (account, target) WHERE state = 'queued';

-- What was changed here. `id` is a UUIDv7, so it sorts by time. A row is written before the change is made.
-- `account` says whose consent it was; changes of this computer have none.
CREATE TABLE change (
    id      TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    account TEXT,
    body    TEXT NOT NULL,
    stage   TEXT NOT NULL CHECK (stage IN ('started', 'done', 'failed', 'undone'))
) STRICT;
