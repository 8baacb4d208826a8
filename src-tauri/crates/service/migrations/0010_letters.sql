-- Letters to the owners of accounts that end, until they are sent. One waits for an account at most: a newer one says all
-- that an older one did. The address is looked up when it is sent, and lies here no second time.
CREATE TABLE letters (
    account_id  TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    -- Made from the ending and the kind: its Message-ID, the same at every try.
    id          TEXT   NOT NULL UNIQUE,
    deletion_id TEXT   NOT NULL REFERENCES deletions (id),
    -- 'asked-for', 'taken-back' or 'final'
    kind        TEXT   NOT NULL,
    written_at  BIGINT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    next_at     BIGINT NOT NULL,
    -- Why it wasn't sent, naming nobody.
    fault       TEXT
);
CREATE INDEX letters_by_time ON letters (next_at);
