-- Nothing here can be turned back into a code, a token or an address: all of them are keyed digests, or digests of
-- 256 random bits.

-- At most one code lives for an address.
CREATE TABLE verification_codes (
    identifier_digest TEXT   NOT NULL PRIMARY KEY,
    code_digest       TEXT   NOT NULL,
    expires_at        BIGINT NOT NULL,
    attempts_left     BIGINT NOT NULL
);

-- When codes were sent, for the limits by the minute and by the hour.
CREATE TABLE code_sendings (
    identifier_digest TEXT   NOT NULL,
    sent_at           BIGINT NOT NULL
);
CREATE INDEX code_sendings_by_identifier ON code_sendings (identifier_digest, sent_at);

-- A session is a family of token pairs, each following the one before.
CREATE TABLE sessions (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL,
    device_id  TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT,
    -- 'signed-out' or 'reused'
    ended_by   TEXT,
    FOREIGN KEY (account_id, device_id) REFERENCES devices (account_id, id)
);

-- Every pair that was issued: an old refresh token must be known as one.
CREATE TABLE token_pairs (
    session_id         TEXT   NOT NULL REFERENCES sessions (id),
    generation         BIGINT NOT NULL,
    access_digest      TEXT   NOT NULL UNIQUE,
    access_expires_at  BIGINT NOT NULL,
    refresh_digest     TEXT   NOT NULL UNIQUE,
    refresh_expires_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, generation)
);
