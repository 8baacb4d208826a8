-- Ends of accounts that were asked for here, or are followed here. `body` is the workflow as `core::deletion` writes it.
-- `place` is where the account lives. `revision` grows with every step, so that two programs never overwrite each other.
-- No code and no token stands here.
CREATE TABLE deletion (
    workflow   TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    place      TEXT NOT NULL,
    body       TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    asked_at   TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
