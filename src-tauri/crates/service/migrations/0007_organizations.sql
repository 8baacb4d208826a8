-- Organizations, and who is in them. A member may have no account here.
CREATE TABLE organizations (
    id      TEXT NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL,
    -- Whom to ask about what it holds.
    contact TEXT
);

CREATE TABLE organization_members (
    organization_id TEXT   NOT NULL REFERENCES organizations (id),
    id              TEXT   NOT NULL,
    account_id      TEXT   REFERENCES accounts (id),
    name            TEXT   NOT NULL,
    -- 'administrator' or 'member'
    role            TEXT   NOT NULL,
    joined_at       BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX organization_members_by_account ON organization_members (account_id);

-- Memberships an administrator ended, for the account to see. The Organization is named, not referred to: it may be gone.
CREATE TABLE ended_memberships (
    account_id      TEXT   NOT NULL REFERENCES accounts (id),
    organization_id TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    role            TEXT   NOT NULL,
    joined_at       BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    contact         TEXT,
    PRIMARY KEY (account_id, organization_id)
);

-- Apps that are allowed to know something.
CREATE TABLE authorizations (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    name       TEXT   NOT NULL,
    -- 'mini-program', 'saas-app' or 'sdk'
    kind       TEXT   NOT NULL,
    vendor     TEXT   NOT NULL,
    -- What it is shown, as a JSON list of texts.
    shows      TEXT   NOT NULL,
    granted_at BIGINT NOT NULL
);
CREATE INDEX authorizations_by_account ON authorizations (account_id, granted_at);
