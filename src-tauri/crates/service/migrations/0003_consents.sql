-- The history is the only place where consents are kept; what holds is its newest line. Nothing can drift from it.
CREATE TABLE consent_events (
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    -- Counts from 1 within the account, without a gap.
    sequence    BIGINT  NOT NULL,
    consent_id  TEXT    NOT NULL,
    granted     BOOLEAN NOT NULL,
    decided_at  BIGINT  NOT NULL,
    recorded_at BIGINT  NOT NULL,
    device_id   TEXT,
    -- 'client', 'operator' or 'sample'
    via         TEXT    NOT NULL,
    PRIMARY KEY (account_id, sequence)
);
CREATE INDEX consent_events_by_consent ON consent_events (account_id, consent_id, sequence);

CREATE TRIGGER consent_events_are_not_changed
BEFORE UPDATE ON consent_events
BEGIN
    SELECT RAISE(ABORT, 'the history of consents is append-only');
END;

CREATE TRIGGER consent_events_are_not_removed
BEFORE DELETE ON consent_events
BEGIN
    SELECT RAISE(ABORT, 'the history of consents is append-only');
END;

-- Also keeps INSERT OR REPLACE, which fires no DELETE trigger, from replacing a line.
CREATE TRIGGER consent_events_follow_each_other
BEFORE INSERT ON consent_events
WHEN NEW.sequence <> (
    SELECT COALESCE(MAX(sequence), 0) + 1 FROM consent_events WHERE account_id = NEW.account_id
)
BEGIN
    SELECT RAISE(ABORT, 'the history of consents is append-only');
END;
