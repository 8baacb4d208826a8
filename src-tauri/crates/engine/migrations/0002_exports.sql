-- Copies of one's data that were asked for. `body` is the workflow as `core::export` writes it: what is known, and what
-- was begun and not answered. `place` is where the account lived. `report` is what checking found, and `set_aside` where
-- a file lies that isn't sound.
CREATE TABLE export (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    place      TEXT NOT NULL,
    body       TEXT NOT NULL,
    report     TEXT,
    set_aside  TEXT,
    asked_at   TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

-- Archives on this computer: those that were downloaded and checked here, and those opened from elsewhere.
CREATE TABLE archive (
    id        TEXT PRIMARY KEY,
    path      TEXT NOT NULL UNIQUE,
    export    TEXT,
    account   TEXT,
    size      INTEGER NOT NULL,
    encrypted INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
    report    TEXT,
    added_at  TEXT NOT NULL
) STRICT;
