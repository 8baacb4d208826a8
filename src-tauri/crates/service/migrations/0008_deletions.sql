-- Endings of accounts. A row outlives its account, so it refers to it only until the account's rows are removed; nothing
-- that is left then can be traced to anybody.
CREATE TABLE deletions (
    id           TEXT   NOT NULL PRIMARY KEY,
    account_id   TEXT,
    -- Made from the account's identifier and this row's, and of no use without the former.
    pseudonym    TEXT   NOT NULL,
    token_digest TEXT   NOT NULL UNIQUE,
    -- 'cooling-off', 'cancelled', 'finalising' or 'deleted'
    state        TEXT   NOT NULL,
    -- With 'finalising': the step to be done.
    step         TEXT,
    requested_at BIGINT NOT NULL,
    final_at     BIGINT NOT NULL,
    ended_at     BIGINT,
    -- As a JSON list; removed once they are counted, or the deletion was taken back.
    reasons      TEXT   NOT NULL,
    -- How many things of each category there were, as a JSON object.
    counts       TEXT   NOT NULL,
    -- The step failed so often, may be tried again at this time, and failed because of this.
    attempts     BIGINT NOT NULL DEFAULT 0,
    retry_at     BIGINT,
    fault        TEXT,
    receipt      TEXT
);
-- At most one ending of an account is under way.
CREATE UNIQUE INDEX deletions_under_way ON deletions (account_id) WHERE state IN ('cooling-off', 'finalising');
CREATE INDEX deletions_by_account ON deletions (account_id, requested_at);
CREATE INDEX deletions_by_state ON deletions (state, final_at);

-- Other systems that are told, one row each and deletion: the completion matrix.
CREATE TABLE erasures (
    deletion_id TEXT   NOT NULL REFERENCES deletions (id),
    system      TEXT   NOT NULL,
    -- The `jti` of what they are told: the same at every try.
    jti         TEXT   NOT NULL,
    -- Whom it is about, until they have confirmed.
    account_id  TEXT,
    -- 'waiting', 'accepted', 'erased' or 'refused'
    status      TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    -- What was last heard, in words.
    heard       TEXT,
    confirmed_at BIGINT,
    reference   TEXT,
    PRIMARY KEY (deletion_id, system)
);
CREATE INDEX erasures_by_time ON erasures (status, next_at);

-- What is left of consents: how often each was given and taken back in a month, by nobody in particular.
CREATE TABLE consent_counts (
    consent_id TEXT    NOT NULL,
    granted    BOOLEAN NOT NULL,
    -- As in 2026-11.
    month      TEXT    NOT NULL,
    count      BIGINT  NOT NULL,
    PRIMARY KEY (consent_id, granted, month)
);

-- How often each reason to go was given in a month.
CREATE TABLE reason_counts (
    reason TEXT   NOT NULL,
    month  TEXT   NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (reason, month)
);

-- The history of consents stays append-only, until its account ends.
DROP TRIGGER consent_events_are_not_removed;
CREATE TRIGGER consent_events_are_not_removed
BEFORE DELETE ON consent_events
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE account_id = OLD.account_id AND state = 'finalising')
BEGIN
    SELECT RAISE(ABORT, 'the history of consents is append-only');
END;
