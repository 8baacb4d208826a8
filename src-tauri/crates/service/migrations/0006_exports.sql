-- Copies that were asked for. A copy that is being made when the service stops is made anew when it starts.
CREATE TABLE exports (
    id             TEXT   NOT NULL PRIMARY KEY,
    account_id     TEXT   NOT NULL REFERENCES accounts (id),
    -- 'open', 'in_progress', 'fulfilled', 'failed', 'revoked' or 'expired'
    status         TEXT   NOT NULL,
    regime         TEXT   NOT NULL,
    period_from    BIGINT,
    period_to      BIGINT,
    requested_at   BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    archive_bytes  BIGINT,
    archive_sha256 TEXT,
    ready_at       BIGINT,
    expires_at     BIGINT,
    -- 'no-space' or 'storage'
    failure        TEXT
);
CREATE INDEX exports_by_account ON exports (account_id, requested_at);
CREATE INDEX exports_by_status ON exports (status, requested_at);

CREATE TABLE export_categories (
    export_id   TEXT   NOT NULL REFERENCES exports (id),
    place       BIGINT NOT NULL,
    category    TEXT   NOT NULL,
    items_done  BIGINT NOT NULL,
    items_total BIGINT NOT NULL,
    bytes_done  BIGINT NOT NULL,
    bytes_total BIGINT NOT NULL,
    PRIMARY KEY (export_id, place)
);

-- What couldn't be copied, and why.
CREATE TABLE export_left_out (
    export_id TEXT   NOT NULL REFERENCES exports (id),
    place     BIGINT NOT NULL,
    category  TEXT   NOT NULL,
    item      TEXT   NOT NULL,
    why       TEXT   NOT NULL,
    PRIMARY KEY (export_id, place)
);
