-- Which Organization controls a thing. What is the account's own has none. The Organization may be gone.
ALTER TABLE items ADD COLUMN organization_id TEXT;
CREATE INDEX items_by_organization ON items (organization_id, account_id) WHERE organization_id IS NOT NULL;

-- Memberships an administrator ended: written once, changed never. One of a member who has an account here is for that
-- account to see, and goes with it. The Organization is named, not referred to: it may be gone.
ALTER TABLE ended_memberships RENAME TO ended_memberships_before;
CREATE TABLE ended_memberships (
    organization_id TEXT   NOT NULL,
    -- What named the member within the Organization.
    member_id       TEXT   NOT NULL,
    account_id      TEXT   REFERENCES accounts (id),
    -- The Organization's name, and whom to ask about what it holds.
    name            TEXT   NOT NULL,
    contact         TEXT,
    role            TEXT   NOT NULL,
    joined_at       BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    -- What names the administrator within the Organization; not known of those before.
    ended_by        TEXT,
    PRIMARY KEY (organization_id, member_id)
);
CREATE INDEX ended_memberships_by_account ON ended_memberships (account_id);
-- How members were named then isn't known: the account stands for it.
INSERT INTO ended_memberships
    (organization_id, member_id, account_id, name, contact, role, joined_at, ended_at)
SELECT organization_id, account_id, account_id, name, contact, role, joined_at, ended_at
FROM ended_memberships_before;
DROP TABLE ended_memberships_before;

CREATE TRIGGER ended_memberships_are_not_changed
BEFORE UPDATE ON ended_memberships
BEGIN
    SELECT RAISE(ABORT, 'the record of ended memberships is append-only');
END;

CREATE TRIGGER ended_memberships_are_not_removed
BEFORE DELETE ON ended_memberships
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE account_id = OLD.account_id AND state = 'finalising')
BEGIN
    SELECT RAISE(ABORT, 'the record of ended memberships is append-only');
END;

-- Also keeps INSERT OR REPLACE, which fires no DELETE trigger, from replacing a line.
CREATE TRIGGER ended_memberships_are_written_once
BEFORE INSERT ON ended_memberships
WHEN EXISTS (
    SELECT 1 FROM ended_memberships WHERE organization_id = NEW.organization_id AND member_id = NEW.member_id
)
BEGIN
    SELECT RAISE(ABORT, 'the record of ended memberships is append-only');
END;

-- Files whose rows are gone, until they are. No new file gets the number of one that is listed here: only messages and
-- calls get files after an account was furnished, and neither is an Organization's.
CREATE TABLE files_to_remove (
    account_id TEXT   NOT NULL,
    category   TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    -- Not tried before this.
    retry_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, category, number)
);
