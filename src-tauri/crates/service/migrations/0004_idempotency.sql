-- What was answered under a key, kept with the change itself. An answer that holds tokens isn't stored: it names the
-- pair, which is derived again.
CREATE TABLE idempotency_keys (
    -- Whose key it is: an account, a session, or an address that isn't signed in.
    scope       TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    -- NULL while the request is being worked on.
    status      BIGINT,
    body        TEXT,
    etag        TEXT,
    session_id  TEXT,
    generation  BIGINT,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
