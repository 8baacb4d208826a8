-- Times are microseconds since 1970 in UTC, identifiers are UUIDs as text, digests are base64url as text: types that
-- every SQL database has.

CREATE TABLE accounts (
    id           TEXT    NOT NULL PRIMARY KEY,
    identifier   TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    nickname     TEXT,
    mobile       TEXT,
    region       TEXT,
    sample       BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL
);

CREATE TABLE devices (
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE device_permissions (
    account_id    TEXT   NOT NULL,
    device_id     TEXT   NOT NULL,
    permission_id TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    observed_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, device_id, permission_id),
    FOREIGN KEY (account_id, device_id) REFERENCES devices (account_id, id)
);
